# Joined-up. `make` alone lists what it can do.

PYTHON ?= python3
PORT ?= 8000
ARGS ?=

# The environment and the site's own files are kept in this folder; where it is not ours to write, in a folder of ours.
ours := $(shell for f in . .venv .venv/* var var/*; do [ ! -e "$$f" ] || [ -w "$$f" ] || exit 0; done; echo yes)
ifeq ($(ours),yes)
VENV := .venv
STATE_DIR ?= $(CURDIR)/var
else
home := $(shell umask 077; \
	for d in "$${XDG_DATA_HOME:-$${HOME:-/dev/null}/.local/share}/joined-up" "$${TMPDIR:-/tmp}/joined-up-$$(id -u)"; do \
		mkdir -p "$$d" 2>/dev/null && [ ! -L "$$d" ] && [ -O "$$d" ] && [ -w "$$d" ] && echo "$$d" && break; \
	done)
ifeq ($(home),)
$(error This folder is not yours to write, and neither is $$HOME/.local/share: name one that is with XDG_DATA_HOME=/a/folder)
endif
VENV := $(home)/venv
STATE_DIR ?= $(home)/var
endif

export STATE_DIR
export HYPOTHESIS_STORAGE_DIRECTORY ?= $(VENV)/hypothesis
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_ROOT_USER_ACTION := ignore

python = "$(VENV)/bin/python"
install = $(python) -m pip install -qq --require-hashes -r

# An environment is ready when it has the stamp, written last, with the sum of the list that it was made from.
stamp = "$(VENV)/.$(1)-$(shell cksum < $(1).txt | tr ' ' '-')"

define check_python
"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	echo "Joined-up needs Python 3.11 or newer, and $(PYTHON) is not: install one, or name it with PYTHON=/its/path."; exit 1; }; \
"$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null || { \
	echo "$(PYTHON) cannot make virtual environments: install its venv module (on Debian and Ubuntu: apt install python3-venv)."; exit 1; }
endef

define check_port
$(python) -c 'import socket; socket.create_server(("127.0.0.1", int("$(PORT)")))' 2>/dev/null || { \
	echo "Port $(PORT) cannot be used, perhaps since another program has it: choose another with PORT=8001."; exit 1; }
endef

.PHONY: help run dev test test-all relevance fidelity librarian bench bench-desk bench-load bench-search faults cluster-demo requirements format lint audit \
	env env-dev database static-files
.NOTPARALLEL:

help: ## list what make can do
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1|\2/p' Makefile | awk -F'|' '{ printf "%-18s %s\n", $$1, $$2 }'

run: env database static-files ## serve the site on this computer (PORT=8000)
	@$(check_port)
	@echo "Joined-up is at http://127.0.0.1:$(PORT)/ (Ctrl-C stops it). For an account to edit with: make librarian"
	@exec env BIND=127.0.0.1:$(PORT) MALLOC_ARENA_MAX=2 $(python) -m gunicorn

dev: env database ## the same for developers: reloads when the code changes, shows errors in full
	@$(check_port)
	@DEBUG=true exec $(python) manage.py runserver $(PORT)

test: env-dev ## run the tests and checks (ARGS="-k word" for some)
	@$(python) tests/run.py $(ARGS)

test-all: env-dev ## the same with slow tests and more examples, then the faults and the cluster: a quarter of an hour
	@$(python) tests/run.py --all $(ARGS)
	@$(python) tests/faults/run.py
	@$(python) -m tests.cluster.demo

relevance: env-dev ## how well search answers judged queries (ARGS=file.tsv for others)
	@$(python) tests/relevance/run.py $(ARGS)

fidelity: env-dev ## compare our wording with the text of the review, if you have it (TEXT=file)
	@$(python) tests/fidelity/run.py "$(TEXT)"

librarian: env ## make an account that may edit
	@$(python) manage.py migrate --verbosity 0
	@$(python) manage.py createsuperuser

bench: env-dev ## measure pages, API and files on made-up collections: takes an hour the first time (ARGS="--help" for less)
	@$(python) tests/bench/serving.py $(ARGS)

bench-load: env-dev ## put the site under load while librarians work (ARGS="--help" for more)
	@$(python) tests/bench/load.py $(ARGS)

bench-search: env-dev ## measure search on a made-up collection: takes minutes (ARGS="--help" for more)
	@$(python) tests/bench/search.py $(ARGS)

bench-desk: env-dev ## measure lists, searches and choosers of the desk on a made-up collection: minutes
	@$(python) tests/bench/desk.py $(ARGS)

faults: env-dev ## restart, kill, fill up and crowd a site of its own: minutes (ARGS="disk" for some)
	@$(python) tests/faults/run.py $(ARGS)

cluster-demo: env-dev ## the site on many servers of this computer, which die one after another: two minutes
	@$(python) -m tests.cluster.demo

format: env-dev ## put the code and the templates in form
	@$(python) tests/lint.py --fix

lint: env-dev ## check the form of the code and the templates
	@$(python) tests/lint.py

audit: ## ask whether what the site is built on has known holes (needs the network)
	@$(check_python)
	@scratch=$$(mktemp -d); trap 'rm -rf "$$scratch"' EXIT; \
	"$(PYTHON)" -m venv "$$scratch" && "$$scratch/bin/python" -m pip install -qq pip-audit==2.10.1 && \
	"$$scratch/bin/pip-audit" --strict --disable-pip --require-hashes --progress-spinner off -r requirements.txt $(ARGS) || { \
		echo "Not clean: something was found, or could not be looked up. The lines above say which."; exit 1; }

requirements: ## write requirements*.txt anew from requirements*.in (ARGS=--upgrade for newer versions)
	@$(check_python)
	@set -e; scratch=$$(mktemp -d); trap 'rm -rf "$$scratch"' EXIT; \
	"$(PYTHON)" -m venv "$$scratch"; "$$scratch/bin/python" -m pip install -qq uv==0.13.9; \
	for list in requirements requirements-dev; do \
		"$$scratch/bin/uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes \
			--custom-compile-command "make requirements" $(ARGS) $$list.in -o $$list.txt; \
	done

env:
	@{ $(python) -c '' && [ -e $(call stamp,requirements) ]; } 2>/dev/null || { \
		$(check_python); \
		echo "Making the environment in $(VENV): once, about a minute."; \
		"$(PYTHON)" -m venv --clear "$(VENV)" && $(install) requirements.txt && touch $(call stamp,requirements); \
	}

env-dev: env
	@[ -e $(call stamp,requirements-dev) ] || { \
		echo "Adding to it what the tests need: once, about a minute."; \
		$(install) requirements-dev.txt && touch $(call stamp,requirements-dev); \
	}

database:
	@$(python) manage.py migrate --verbosity 0
	@$(python) manage.py load_if_empty signposts

# The stamp lies among the collected files, so that clearing them clears it.
static-files:
	@now=$$({ cksum requirements.txt; \
		find . \( -path ./.venv -o -path ./var \) -prune -o -path '*/static/*' -type f -exec cksum {} +; \
	} | LC_ALL=C sort | cksum); \
	kept="$(STATE_DIR)/static/.stamp"; \
	[ "$$now" = "$$(cat "$$kept" 2>/dev/null)" ] || { \
		echo "Collecting the static files."; \
		$(python) manage.py collectstatic --no-input --clear --verbosity 0 && echo "$$now" > "$$kept"; \
	}
