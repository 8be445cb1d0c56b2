# Every target works in a fresh clone; see README.md.
SHELL := /bin/bash
export PATH := $(CURDIR)/node_modules/.bin:$(PATH)

.PHONY: up down clean status test test-quick test-failpoints check bench dist images help
.DEFAULT_GOAL := help

help: ## Show this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{ printf "  make %-15s %s\n", $$1, $$2 }'

node_modules/.package-lock.json: package-lock.json
	@npm install --no-save --no-audit --no-fund --loglevel=error
	@touch $@

up: node_modules/.package-lock.json ## Start three local clusters, Flotilla on them, and the demo shop
	@bin/flotilla local up

down: ## Stop everything that `make up` started; data stays
	@bin/flotilla local down

clean: ## Stop everything and remove its data (compiled parts stay cached)
	@bin/flotilla local clean

status: ## Say what runs
	@bin/flotilla local status

test: node_modules/.package-lock.json ## Unit, real-cluster and browser tests
	@node scripts/test.ts

test-quick: node_modules/.package-lock.json ## Unit tests and the short ones on a real cluster
	@node scripts/test.ts --quick

test-failpoints: node_modules/.package-lock.json ## Kill the engine of rollouts between any two writes, and count
	@node scripts/test.ts rollout/kill-rollouts

check: node_modules/.package-lock.json ## Types, lint, format, unused code
	@node scripts/check.ts

bench: node_modules/.package-lock.json ## Measure; results and what they mean are in bench/
	@node bench/run.ts

dist: node_modules/.package-lock.json ## Pack the compiled parts as an npm package for linux-x64
	@bin/flotilla local dist

images: node_modules/.package-lock.json ## Make the images of server and agent as files, for any registry
	@bin/flotilla local image pack
