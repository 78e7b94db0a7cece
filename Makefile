# `make` alone explains itself. Everything that is built lands in .venv, and models in the
# assistant's own models folder; a second run does nothing twice.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.ONESHELL:
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
.PHONY: help run setup check lint unit test bench demo clean

VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= $(firstword $(foreach name,python3 python3.14 python3.13 python3.12 python3.11,\
  $(shell $(name) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $(name))))
TEST_MODELS := silero-vad whisper-tiny.en vosk-model-small-ko-0.22 en_US-joe-medium \
  smollm2-135m-instruct-q4_1

help:
	@cat <<'END'
	make run     set everything up and talk to the assistant  (ARGS="--config my.toml" passes on)
	make setup   set everything up and stop there
	make demo    watch and hear a dozen spoken commands being done
	make bench   latency and memory of every stage on this machine
	make check   lint, types and the tests without engines, brokers and households
	make test    every test, on the real engines and a real MQTT broker
	make clean   remove what was built here; models and settings stay
	END

run: setup
	@exec $(BIN)/assistant $(if $(filter --config%,$(ARGS)),$(ARGS) run,run $(ARGS))

# An assistant that lacks a model says so itself, so a failed fetch does not end `make run`.
setup: $(VENV)/.installed
	@$(BIN)/assistant models fetch --all-default | { grep -v 'is there already' || true; } || \
	  echo "Going on with the models that are here."

demo: setup
	@$(BIN)/assistant demo $(ARGS)

bench: setup
	@$(BIN)/assistant bench $(ARGS)

check: lint unit

lint: $(VENV)/.dev
	@$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy --python-executable $(BIN)/python
	$(BIN)/lint-imports

unit: $(VENV)/.dev
	@$(BIN)/pytest -q -m "not engine and not broker and not household and not thorough" $(ARGS)

test: lint $(VENV)/.mosquitto
	@$(BIN)/assistant --config /dev/null models fetch $(TEST_MODELS)
	$(BIN)/pytest $(ARGS)

clean:
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find assistant tests -name __pycache__ -prune -exec rm -rf {} +

# What it takes to install, by effect, so that any distribution that has it will do.
define FIND_MISSING
missing=
/sbin/ldconfig -p 2>/dev/null | grep -q 'libportaudio\.so\.2' || missing+=' libportaudio2'
command -v g++ >/dev/null || missing+=' g++'
command -v espeak-ng >/dev/null || missing+=' espeak-ng'
$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || missing+=" $$($(PYTHON) -c \
  'import sys; print("python%d.%d-venv" % sys.version_info[:2])')"
endef

# Installs $$missing with apt, as root or through sudo; where it cannot, prints the command and stops.
define INSTALL_MISSING
if [ -n "$$missing" ]; then
  install="apt-get install -y --no-install-recommends$$missing"
  if ! command -v apt-get >/dev/null; then
    echo "Missing on this system (by Debian's names):$$missing"
    echo "This is not Debian, Ubuntu or Raspberry Pi OS: install them in its own way, then run make again."
    exit 1
  fi
  as=
  if [ "$$(id -u)" != 0 ]; then
    if ! command -v sudo >/dev/null || { [ ! -t 0 ] && ! sudo -n true 2>/dev/null; }; then
      echo "Missing on this system:$$missing"
      echo "Only root can install them. Run this, then make again:"
      echo "  sudo apt-get update && sudo $$install"
      exit 1
    fi
    as=sudo
  fi
  echo "Installing the missing system packages:$$missing"
  $$as apt-get update -qq || true
  if ! $$as env DEBIAN_FRONTEND=noninteractive $$install; then
    echo "That did not work. Run this, then make again:"
    echo "  sudo apt-get update && sudo $$install"
    exit 1
  fi
fi
endef

$(VENV)/bin/python:
	@if [ -z "$(PYTHON)" ]; then
	  echo "The assistant needs Python 3.11 or newer, and this system has none on its PATH."
	  echo "Install one (Debian 12, Ubuntu 24.04 and Raspberry Pi OS 12 bring it), then run make again,"
	  echo "or name it: make run PYTHON=/path/to/python3.12"
	  exit 1
	fi
	case "$$(uname -m)-$$($(PYTHON) -c 'import sys; print(sys.maxsize > 2**32)')" in
	  x86_64-True|aarch64-True|arm64-True) ;;
	  *) echo "The speech engines exist for 64-bit x86 and ARM systems only; this is $$(uname -m)" \
	       "with $$($(PYTHON) -c 'import struct; print(struct.calcsize("P") * 8)')-bit Python."
	     exit 1 ;;
	esac
	$(FIND_MISSING)
	$(INSTALL_MISSING)
	echo "Creating $(VENV) with $$($(PYTHON) --version)."
	$(PYTHON) -m venv $(VENV)

# The build gets a folder on the disk, because /tmp may be in memory, and no more jobs than
# there are gigabytes of memory.
$(VENV)/.installed: pyproject.toml | $(VENV)/bin/python
	@if ! $(BIN)/python -c 'import llama_cpp' 2>/dev/null; then
	  echo "Installing the assistant. The first time, llama.cpp is compiled for this machine: about"
	  echo "6 minutes on two PC cores, longer on a Raspberry Pi. Nothing is wrong while pip says"
	  echo "\"Building wheel for llama-cpp-python\"."
	fi
	mkdir -p $(VENV)/tmp
	trap 'rm -rf $(VENV)/tmp' EXIT
	memory=$$(awk '/MemTotal/ {print int($$2 / 1048576) + 1}' /proc/meminfo)
	cores=$$(nproc)
	TMPDIR=$(CURDIR)/$(VENV)/tmp CMAKE_BUILD_PARALLEL_LEVEL=$$((cores < memory ? cores : memory)) \
	  $(BIN)/python -m pip install --disable-pip-version-check -e .
	touch $@

$(VENV)/.dev: $(VENV)/.installed
	@$(BIN)/python -m pip install -q --disable-pip-version-check --upgrade 'pip>=25.1'
	$(BIN)/python -m pip install -q --disable-pip-version-check --group dev
	touch $@

# Debian's package also starts a broker on port 1883 where systemd runs; the tests use their own.
$(VENV)/.mosquitto: | $(VENV)/.installed
	@missing=
	PATH=$$PATH:/usr/sbin command -v mosquitto >/dev/null || missing=' mosquitto'
	$(INSTALL_MISSING)
	touch $@
