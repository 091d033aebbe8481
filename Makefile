# Two commands are enough:  make lab  (study)   and   make test  (see everything pass).
PYTHON ?= python3
BIN := .venv/bin
NOTEBOOKS := $(sort $(wildcard notebooks/*.ipynb))

# For the tests in other environments: say `make PYTHON313=/path/to/python3.13 test-colab` if it is not found.
PYTHON312 ?= $(call find_python,3.12)
PYTHON313 ?= $(call find_python,3.13)
find_python = $(or $(shell python$(1) -c 'import sys; print(sys.executable)' 2>/dev/null),\
  $(lastword $(wildcard $(HOME)/.pyenv/versions/$(1).*/bin/python)),python$(1))

.PHONY: help setup lab student test test-notebooks test-slow lint bench paintings animation course slides site linkcheck wheel release test-browser test-colab test-newest clean

help:
	@echo "make lab     set up, copy the notebooks into work and open them in JupyterLab"
	@echo "make test    set up, then lint, unit tests and every notebook with fewer steps (7 minutes)"
	@echo "make test-notebooks  set up, then every notebook at full length (11 minutes)"
	@echo "make test-slow  set up, then the slow tests: faults, memory, broken lines (7 minutes)"
	@echo "make course  set up, then run all notebooks unattended into build/course"
	@echo "make slides  build a slide deck per notebook into build/slides; each is one file, opens offline"
	@echo "make site    build the website into build/site (run make slides first: it links the decks)"
	@echo "make linkcheck  ask every address that the website links (needs a network)"
	@echo "make test-browser  set up, then drive Chromium: JupyterLab, website and slides"
	@echo "make student  copy the notebooks without solutions into build/student, for a class"
	@echo "make bench   set up, then measure the loop (half an hour; writes benchmarks/RESULTS.md)"
	@echo "make paintings  paint the course's own paintings anew, into the package (half a minute)"
	@echo "make animation  set up, then make the animation of the README anew, into docs (four minutes)"
	@echo "make release  check version, tag, changelog, citation and wheel; prints the commands that publish"
	@echo "make wheel   build the package for an upload to Colab, into dist"
	@echo "make test-colab   run all notebooks as in Colab: Python 3.13, Colab's versions (15 to 30 minutes)"
	@echo "make test-newest  unit tests and set-up cells on Python 3.12 with the newest versions (10 minutes)"
	@echo "make setup   set up alone: install into .venv, fetch the trained weights"
	@echo "make lint    check style, imports, types, messages and the table of faults alone"
	@echo "make clean   remove what was built (.venv and the fetched weights stay)"

# One environment, made when it is missing or when what it is made from has changed.
.venv/.installed: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || \
	  { echo "$(PYTHON) is not Python 3.11, 3.12 or 3.13. Try: make PYTHON=python3.12 lab"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv || \
	  { rm -rf .venv; echo "No venv here. On Debian or Ubuntu: sudo apt install python3-venv"; exit 1; }
	@echo "Installing the course into .venv (once, about a minute, 800 MB to download) ..."
	@$(BIN)/python -m pip install -qq --disable-pip-version-check -c constraints.txt -e ".[test]"
	@touch $@

setup: .venv/.installed
	@$(BIN)/python -m nst_utils fetch

lab: setup
	$(BIN)/python -m nst_utils lab

student: .venv/.installed
	@$(BIN)/python -m nst_utils notebooks build/student --without-solutions

# Two workers with one thread each are faster than one with two.
PYTEST := TF_NUM_INTRAOP_THREADS=1 TF_NUM_INTEROP_THREADS=1 NST_PROGRESS=0 $(BIN)/python -m pytest -q -n 2
TEST_NOTEBOOKS := $(PYTEST) --dist loadfile --nbval --nbval-current-env \
  --nbval-sanitize-with tests/nbval_sanitize.cfg $(NOTEBOOKS)

test: setup lint
	$(PYTEST) --dist loadfile tests
	PYTHONSTARTUP=$(CURDIR)/tests/quick/fewer_steps.py $(TEST_NOTEBOOKS)

test-notebooks: setup
	$(TEST_NOTEBOOKS)

test-slow: setup
	$(PYTEST) --dist worksteal -m slow tests

lint: .venv/.installed
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff check -q --isolated --select E501 --line-length 100 notebooks  # wider cells scroll
	$(BIN)/python -m scripts.lint_texts
	$(BIN)/lint-imports --no-logo
	$(BIN)/python -m mypy

bench: setup
	@NST_PROGRESS=0 $(BIN)/python benchmarks/run.py

paintings: .venv/.installed
	@$(BIN)/python -m scripts.paintings

animation: setup
	@NST_PROGRESS=0 $(BIN)/python -m scripts.animation

course: setup
	@mkdir -p build/course
	@for notebook in $(NOTEBOOKS); do \
	  echo "[$$(date +%H:%M:%S)] running $$notebook"; \
	  NST_PROGRESS=0 $(BIN)/python -m nbconvert --log-level=WARN --to notebook --execute \
	    --output-dir build/course $$notebook || exit 1; \
	done; echo "[$$(date +%H:%M:%S)] all notebooks ran; the results are in build/course"
	@$(BIN)/python -m scripts.last_run $(NOTEBOOKS)

slides: .venv/.installed
	@NST_PROGRESS=0 $(BIN)/python -m publish

# Sphinx and Playwright are wanted here alone; Playwright drives the system's Chromium and downloads no browser.
.venv/.site .venv/.browser: .venv/.%: .venv/.installed
	@$(BIN)/python -m pip install -qq --disable-pip-version-check -c constraints.txt -e ".[test,$*]"
	@touch $@

SPHINX := NST_PROGRESS=0 PYTHONWARNINGS="ignore:pkg_resources is deprecated" $(BIN)/python -m sphinx -q -W --keep-going -c docs -d build/doctrees
site: .venv/.site
	@rm -rf build/site docs/reference
	@$(SPHINX) . build/site
	@git archive --prefix=neural-style-transfer/ -o build/site/course.zip HEAD || echo "no course.zip: this is no Git clone"
	@echo "build/site/index.html"

linkcheck: .venv/.site
	@$(SPHINX) -b linkcheck . build/linkcheck

test-browser: setup .venv/.browser
	@$(MAKE) --no-print-directory slides
	@$(MAKE) --no-print-directory site
	$(BIN)/python -m pytest -q -rs -n 2 --dist loadfile tests/browser

# Without what an older build left in build/lib, which setuptools would pack again.
wheel: .venv/.installed
	@rm -rf build/lib dist
	@$(BIN)/python -m pip wheel -q --disable-pip-version-check --no-deps --no-build-isolation -w dist .
	@ls dist/*.whl

release: wheel
	@$(BIN)/python -m scripts.release

# Other environments, each made when it is missing or when what it is made from has changed.
build/colab-venv/.installed: tests/environments/colab-requirements.txt
	@$(PYTHON313) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 13))' || \
	  { echo "Colab has Python 3.13: install it, or name it: make PYTHON313=/path/to/python3.13 test-colab"; exit 1; }
	@echo "Installing Colab's versions into build/colab-venv (once, two minutes, 800 MB to download) ..."
	@$(PYTHON313) -m venv --clear build/colab-venv
	@build/colab-venv/bin/python -m pip install -qq --disable-pip-version-check -r $<
	@touch $@

test-colab: wheel build/colab-venv/.installed
	build/colab-venv/bin/python -m pytest -q -W ignore::DeprecationWarning tests/environments/check_colab.py

build/newest-venv/.installed: pyproject.toml
	@$(PYTHON312) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 12))' || \
	  { echo "This needs Python 3.12: install it, or name it: make PYTHON312=/path/to/python3.12 test-newest"; exit 1; }
	@echo "Installing the newest versions into build/newest-venv (two minutes, 800 MB to download) ..."
	@$(PYTHON312) -m venv --clear build/newest-venv
	@build/newest-venv/bin/python -m pip install -qq --disable-pip-version-check -e ".[test]"
	@touch $@

test-newest: build/newest-venv/.installed
	build/newest-venv/bin/python -m pip list --disable-pip-version-check
	build/newest-venv/bin/python -m pytest -q tests tests/environments/check_setup_cells.py

clean:
	rm -rf build dist .pytest_cache .ruff_cache .mypy_cache .import_linter_cache .hypothesis *.egg-info
