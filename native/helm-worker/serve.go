package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"runtime/metrics"

	"flotilla.dev/native/helm-worker/isolate"
)

// serve answers requests one after another until stdin ends.
func serve(c *connection, state isolate.State) error {
	for {
		message, err := c.read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		current := &call{id: message.ID, connection: c, state: state}
		result, err := onFreshStack(func() (any, error) { return dispatch(current, message) })
		if err != nil {
			err = c.write(response{ID: message.ID, Error: asFailure(err)})
		} else {
			err = c.write(response{ID: message.ID, Result: result})
		}
		if err != nil {
			return err
		}
		releaseMemory()
	}
}

// releaseMemory gives back what an unusually large request took, so that one such does not weigh for ever.
func releaseMemory() {
	sample := []metrics.Sample{{Name: "/memory/classes/total:bytes"}}
	metrics.Read(sample)
	if sample[0].Value.Uint64() > tidyAbove {
		debug.FreeOSMemory()
	}
}

const tidyAbove = 160 << 20

// onFreshStack runs one request in a goroutine of its own, whose stack goes when it ends: a template that
// recurses deeply leaves hundreds of megabytes of it.
func onFreshStack(run func() (any, error)) (result any, err error) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		result, err = run()
	}()
	<-done
	return result, err
}

// dispatch turns a panic into an error of this request only.
func dispatch(c *call, message *request) (result any, err error) {
	defer func() {
		if thrown := recover(); thrown != nil {
			result, err = nil, failf("render.failed", "rendering panicked: %v", thrown)
		}
	}()
	switch message.Method {
	case "version":
		return showVersion(c.state), nil
	case "render":
		return with(c, message, renderChart)
	case "showChart":
		return with(c, message, showChart)
	case "chartValues":
		return with(c, message, chartValues)
	case "keepFiles":
		return with(c, message, keepFiles)
	case "kustomize":
		return with(c, message, buildKustomization)
	case "manifests":
		return with(c, message, readManifests)
	case "findChart":
		return with(c, message, findChart)
	case "pickVersion":
		return with(c, message, pickVersion)
	case "encodeRelease":
		return with(c, message, encodeRelease)
	case "decodeRelease":
		return with(c, message, decodeRelease)
	case "reviseRelease":
		return with(c, message, reviseRelease)
	default:
		return nil, failf("internal", "the Helm worker has no method %q", message.Method)
	}
}

func with[P any](c *call, message *request, run func(*call, P) (any, error)) (any, error) {
	var params P
	if err := json.Unmarshal(message.Params, &params); err != nil {
		return nil, fmt.Errorf("parameters of %s: %w", message.Method, err)
	}
	return run(c, params)
}
