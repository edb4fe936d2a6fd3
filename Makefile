# The commands, each a thin line over an ordinary tool. `make help` lists them.

PYTHON = python3
PORT = 8000
# The overlay of an institute, a folder of the shape of local/, and where its site goes.
LOCAL ?= local
OUT = build/html
export LOCAL

VENV = .venv/bin/python
# Installs the Debian packages that a list names.
INSTALL = DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 install -y -qq \
  --no-install-recommends $$(sed 's/ *\#.*//' $(1))

# The clients of Rucio run as an ordinary user, who may run this one in any case.
DEBIANS_PYTHON = /usr/bin/python3

# A .venv whose Python is gone, after an upgrade of the system, is made anew.
$(shell test ! -e .venv/site || $(VENV) -c "import sphinx" 2>/dev/null || rm -f .venv/site .venv/tests)

.DEFAULT_GOAL := help
.PHONY: help site sites pdf epub serve check test links programs packages catalogues institute replace lock lint clean

help: ## list the commands
	@sed -n 's/^\([a-z]*\):.*## /\1 /p' Makefile | while read -r name what; do \
	  printf '  make %-11s %s\n' "$$name" "$$what"; done

site: .venv/site ## build the site in all its languages into build/html
	@$(VENV) tools/build_site.py $(OUT)

sites: .venv/site ## OVERLAYS="…" OUT=build/sites: build several institutes
	@$(VENV) tools/build_sites.py $(if $(filter command,$(origin OUT)),$(OUT),build/sites) $(OVERLAYS)

pdf: .venv/site ## one PDF a language into build/documents; make site then links them
	@$(VENV) tools/build_documents.py pdf build/documents

epub: .venv/site ## one EPUB a language, likewise
	@$(VENV) tools/build_documents.py epub build/documents

serve: .venv/site ## show the site on http://127.0.0.1:8000 and rebuild it on change
	@$(VENV) tools/serve.py $(OUT) $(PORT)

check: .venv/tests ## judge the text in all its languages: footnotes, links, commands, words
	@$(VENV) -m pytest tests/guide $(ARGS)

test: .venv/tests ## run all the tests; EXTENDED=1: skip nothing, as CI does
	@$(VENV) -m pytest --numprocesses 3 --dist loadfile $(if $(EXTENDED),--extended) $(ARGS)

# Dead links have a status of their own, and so has what a person must see to: this stops nothing.
links: .venv/tests ## ask each external link online (weekly); ASK=no: only put them on record
	@ASK=$(ASK) $(VENV) -m pytest -m online tests/online $(ARGS) || test $$? = 10

programs: packages ## install what all the tests use (as root): programs, versions of OpenSSL
	$(call INSTALL,tests/programs/packages.txt)
	$(PYTHON) tools/fetch_openssl.py build/openssl
	rm -rf build/rucio
	for name in rucio-35 rucio-41; do \
	  python=build/rucio/$$name/bin/python; $(DEBIANS_PYTHON) -m venv build/rucio/$$name && \
	  $$python -m pip install -q --require-hashes -r tests/programs/$$name.txt && \
	  $$python -m pip uninstall -q --yes pip setuptools || exit 1; done
	mkdir -p build/npm-site
	cp tests/site/package.json tests/site/package-lock.json build/npm-site
	npm ci --silent --ignore-scripts --prefix build/npm-site

packages: ## install the packages of Debian and npm that make check uses (as root)
	apt-get update -qq
	$(call INSTALL,tests/packages.txt) $$(command -v npm >/dev/null || echo npm)
	locale -a | grep -qi '^fr_FR\.utf-\?8$$' || localedef -i fr_FR -f UTF-8 fr_FR.UTF-8
	mkdir -p build/npm
	cp tests/package.json tests/package-lock.json build/npm
	npm ci --silent --prefix build/npm

catalogues: .venv/site ## carry a change of the pages to the catalogues
	@$(VENV) tools/catalogues.py

institute: ## start the settings of your institute, local/institute.toml
	@$(PYTHON) tools/new_institute.py

replace: ## PAGE=name: start a page of your own from ours, or mark it as up to date
	@$(PYTHON) tools/replace_page.py $(PAGE)

lock: .venv/tests ## write the locks anew from the .in files
	@for file in requirements tests/requirements tests/programs/rucio-35 tests/programs/rucio-41 \
	    tools/peers; do \
	  $(VENV) -m uv pip compile --quiet --upgrade --universal --python-version 3.11 \
	    --fork-strategy fewest --generate-hashes --no-header --output-file $$file.txt $$file.in; done

lint: .venv/tests ## style of our code
	@$(VENV) -m ruff check
	@$(VENV) -m ruff format --check
	@$(VENV) -m codespell_lib

clean: ## delete what was built and the Python environment
	rm -rf build .venv

.venv/site: requirements.txt tools/set_up.py
	@command -v $(PYTHON) >/dev/null || { \
	  echo "$(PYTHON) is missing: install the Debian package python3 (apt install python3)."; exit 1; }
	@$(PYTHON) tools/set_up.py requirements.txt
	@touch $@

.venv/tests: tests/requirements.txt .venv/site
	@$(PYTHON) tools/set_up.py tests/requirements.txt
	@touch $@
