# SWIFT_FLAGS adds compiler flags to every build: continuous integration makes warnings errors with it.
SWIFT_FLAGS ?=
SANITIZER ?= address
export TANDEM_PYTHON ?= $(CURDIR)/.build/tools/bin/python

.PHONY: demo build web test sanitize drill lint format fuzz bench clean

demo: ## Build, start everything on loopback and print the addresses to open; SERVICES=real: on PostgreSQL, RabbitMQ and Redis
	@Scripts/install build
	@[ -z "$(SERVICES)" ] || Scripts/install services
	@swift build -c release --product tandem
ifeq ($(SERVICES),real)
	@exec Scripts/demo-services "$$(swift build -c release --product tandem --show-bin-path)/tandem"
else
	@exec "$$(swift build -c release --product tandem --show-bin-path)/tandem" demo
endif

build:
	@Scripts/install build
	swift build $(SWIFT_FLAGS)

web: ## The card game for the browser: Sources/Domains/Nommie as WebAssembly, to Web/nommie
	@Scripts/install build
	Scripts/build-web

test: ## Everything that proves that it works, except what measures time
	@Scripts/install test
	swift build $(SWIFT_FLAGS) --build-tests
	Scripts/test-swift $(SWIFT_FLAGS)
	node --test Web/tests/*.test.js
	$(TANDEM_PYTHON) Tests/run.py

# Leaks aren't looked for: pointers to objects with weak references are hidden from LeakSanitizer, which takes all behind them for lost.
sanitize: ## The Swift tests under SANITIZER (address or thread), all or those of TARGETS
	@Scripts/install test
	swift build --build-tests --sanitize=$(SANITIZER) --scratch-path .build/$(SANITIZER)
	TSAN_OPTIONS=suppressions=$(CURDIR)/Scripts/thread-sanitizer.supp ASAN_OPTIONS=detect_leaks=0 \
	LANES=1 Scripts/test-swift --sanitize=$(SANITIZER) --scratch-path .build/$(SANITIZER)

drill: ## Kills and stops everything for DRILL_SECONDS (150, at most 480) and proves that nothing is lost
	@Scripts/install test
	swift build $(SWIFT_FLAGS) --product tandem
	$(TANDEM_PYTHON) Tests/Drill/run.py --seconds $${DRILL_SECONDS:-150} $${DRILL_SEED:+--seed $$DRILL_SEED}

lint: ## Format, layers, documentation, types of the pages
	@Scripts/install test
	swift format lint --strict --recursive --parallel Package.swift Sources Tests Fuzz
	Scripts/lint-layers
	Scripts/lint-docs
	Scripts/embed-web --check
	Scripts/lint-web

format:
	swift format format --in-place --recursive --parallel Package.swift Sources Tests Fuzz

fuzz: ## Every codec for FUZZ_SECONDS (60) each
	@Scripts/install build
	Scripts/fuzz $${FUZZ_SECONDS:-60}

bench: export OUT = $(CURDIR)/.build/bench/results.jsonl
bench: ## The card game; delivery, writes and reads beside other servers; storms of viewers; Discord to browser on real services; many guilds
	@Scripts/install bench
	@Scripts/install test
	swift build -c release --product tandem
	Benchmarks/nommie
	Benchmarks/run-all
	$(TANDEM_PYTHON) Benchmarks/writes/run.py
	$(TANDEM_PYTHON) Benchmarks/reads/run.py
	$(TANDEM_PYTHON) Benchmarks/storm/run.py
	$(TANDEM_PYTHON) Benchmarks/resume/run.py
	$(TANDEM_PYTHON) Benchmarks/latency/run.py
	$(TANDEM_PYTHON) Benchmarks/guilds/run.py --move --restart
	Benchmarks/scale.py

clean:
	rm -rf .build artefacts
