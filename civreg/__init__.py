"""civreg: đăng ký hộ tịch tại nhà, from a family's request to a figure in the programme's month."""
