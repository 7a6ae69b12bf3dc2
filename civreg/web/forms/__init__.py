"""Đọc biểu mẫu: what people type, read once into clean values and sentences by field."""
