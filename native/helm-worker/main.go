// Command helm-worker renders charts, kustomizations and manifests for Flotilla.
// It speaks JSON lines on stdin and stdout, one request at a time, and is restarted by its owner when it
// dies. Where the kernel allows it, it lives in namespaces of its own: no network, no files.
package main

import (
	"io"
	"log"
	"log/slog"
	"os"
	"runtime/debug"

	"flotilla.dev/native/helm-worker/isolate"
)

const (
	// Templates may recurse 100,000 deep before text/template stops them; that must fit.
	maxStack = 256 << 20
	// Above this the collector works harder; above maxData the process ends.
	softMemory = 384 << 20
	maxData    = 1 << 30
)

func main() {
	state := isolate.Enter(maxData)
	os.Clearenv()
	debug.SetMaxStack(maxStack)
	debug.SetMemoryLimit(softMemory)
	// Helm logs values in its warnings; nothing of a tenant's values leaves but by the protocol.
	log.SetOutput(io.Discard)
	slog.SetDefault(slog.New(slog.DiscardHandler))
	if err := serve(newConnection(os.Stdin, os.Stdout), state); err != nil {
		os.Exit(1)
	}
}
