# Mỗi thói quen là một từ. `make` hoặc `make help` liệt kê.
SHELL := /bin/bash
.DEFAULT_GOAL := help
# the first Python that is new enough
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin
export PYTHONPATH :=

# Nothing here names a package index: pip and uv use the one set up on the machine.
PIP = $(shell command -v uv >/dev/null && echo "uv pip install --python $(BIN)/python" \
	|| echo "$(BIN)/python -m pip install --disable-pip-version-check --quiet --quiet --no-compile")
install = stamp=.venv/.installed-$(1); \
	want=$$(cat $(2) | cksum); \
	if [ "$$(cat $$stamp 2>/dev/null)" != "$$want" ]; then \
		echo "Đang cài $(2)…"; $(PIP) --require-hashes -r $(2) && echo "$$want" > $$stamp; \
	fi

.PHONY: help setup setup-dev run test check format bench migrate new-migration lock

help: ## danh sách này
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 16

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "Cần Python từ 3.11 trở lên. Hãy cài rồi chạy lại." >&2; exit 2; }
	@$(PYTHON) -m venv .venv

setup: .venv/bin/python ## chỉ tạo .venv và cài các gói
	@$(call install,run,requirements.txt)

setup-dev: .venv/bin/python ## như setup, thêm các gói để kiểm thử
	@$(call install,dev,requirements-dev.txt)

run: setup ## chạy cả hệ thống trên máy này (PORT, CIVREG_VAR, DEMO=0); Ctrl-C để dừng
	@exec $(BIN)/python -m civreg.stack run

test: setup-dev ## toàn bộ kiểm thử, trên cơ sở dữ liệu riêng
	@$(BIN)/python -m pytest -n 2 --dist loadgroup $(ARGS)

check: setup-dev ## định dạng, lint, kiểu, hướng import, mẫu trang, gói phụ thuộc
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/djlint templates --lint --quiet
	@$(BIN)/deptry .

format: setup-dev ## sửa định dạng và những lỗi lint sửa được
	@$(BIN)/ruff check --fix-only --quiet .
	@$(BIN)/ruff format --quiet .
	@$(BIN)/djlint templates --reformat --quiet

bench: setup-dev ## mọi phép đo; mỗi dòng: tên giá-trị đơn-vị sàn tỉ-lệ (một phép: make bench-TÊN)
	@for file in bench/[a-z]*.py; do $(BIN)/python -m bench.$$(basename $$file .py) || exit 1; done

bench-%: setup-dev
	@$(BIN)/python -m bench.$*

migrate: setup ## đưa cơ sở dữ liệu đang chạy lên phiên bản mới nhất
	@$(BIN)/python -m flask --app app db upgrade

new-migration: setup-dev ## tạo tệp migration từ các bảng: make new-migration NAME=add_visit_book
	@test -n "$(NAME)" || { echo "Hãy đặt tên: make new-migration NAME=add_visit_book" >&2; exit 2; }
	@$(BIN)/python -m flask --app app db migrate -m "$(NAME)"

lock: setup-dev ## khóa lại phiên bản và mã băm của mọi gói
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate \
		--custom-compile-command "make lock" pyproject.toml -o requirements.txt
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate \
		--custom-compile-command "make lock" -c requirements.txt pyproject.toml --group dev -o requirements-dev.txt
