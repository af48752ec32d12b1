# Set-up, build and tests of Switchback. Both `make demo` and `make test` do everything a fresh Debian 12 machine with a
# Swift toolchain needs, as root and as an ordinary user with sudo.

PACKAGES = postgresql libpq-dev libncurses-dev libsqlite3-dev libvterm-dev pkg-config
SOURCES = Package.swift Sources Benchmarks Tests
SWIFT ?= swift
# What `make demo` and `make bench` hand on: make demo ARGS="--headless --rate 500 --seconds 20"
ARGS ?=

.PHONY: demo test soak bench build packages format lint clean

demo: build
	"$$($(SWIFT) build -c release --show-bin-path)/switchback" demo $(ARGS)

test: packages
	$(SWIFT) build --build-tests
	$(SWIFT) test --skip-build --no-parallel

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
	$(SWIFT) build -c release --product bench
	"$$($(SWIFT) build -c release --show-bin-path)/bench" $(ARGS)

build: packages
	$(SWIFT) build -c release --product switchback

# Only what is missing is installed. No server is to start by itself: the demo and the tests start their own, so that the
# postgresql package finds a configuration that makes no cluster, unless the machine has one already.
packages:
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
	        -o Dpkg::Options::=--force-confold -o Dpkg::Use-Pty=0 $$missing; \
	fi

format:
	$(SWIFT) format --in-place --recursive $(SOURCES)

lint:
	$(SWIFT) format lint --strict --recursive $(SOURCES)

clean:
	$(SWIFT) package clean
