// The keeper holds one cluster (or plain daemons) of a local fleet: it gives them a machine of their own made of
// namespaces, starts them, keeps their logs bounded and restarts what dies. When the keeper dies, by whatever
// means, the kernel ends all that it holds: the first process of the PID namespace dies with its parent.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"runtime"
)

const usage = "usage: keeper run SPEC | keeper pki SPEC"

func main() {
	if len(os.Args) != 3 {
		fail(fmt.Errorf(usage))
	}
	// the parent-death signal belongs to the thread that forked, so that thread must live as long as the process
	runtime.LockOSThread()
	switch verb, file := os.Args[1], os.Args[2]; verb {
	case "run":
		check(runOuter(file))
	case "inside":
		check(runInside(file))
	case "pki":
		check(runPki(file))
	default:
		fail(fmt.Errorf(usage))
	}
}

// Spec says what one keeper holds. The TypeScript side writes it (packages/local/src/keeper.ts).
type Spec struct {
	Hostname string `json:"hostname"`
	// Isolated gives the processes namespaces of their own; without it they run on the host.
	Isolated   bool              `json:"isolated"`
	Cgroup     string            `json:"cgroup"`
	Network    *Network          `json:"network"`
	Tmpfs      []string          `json:"tmpfs"`
	Binds      []Bind            `json:"binds"`
	ResolvConf string            `json:"resolvConf"`
	Sysctls    map[string]string `json:"sysctls"`
	LogDir     string            `json:"logDir"`
	LogBytes   int64             `json:"logBytes"`
	StatusFile string            `json:"statusFile"`
	Processes  []Process         `json:"processes"`
}

// Network is the cluster's one interface: a veth whose other end hangs on the fleet's bridge.
type Network struct {
	Bridge  string `json:"bridge"`
	Veth    string `json:"veth"`
	Address string `json:"address"` // with prefix length
	Gateway string `json:"gateway"`
}

// Bind shows one folder or file of the host at another path inside.
type Bind struct {
	From string `json:"from"`
	To   string `json:"to"`
}

// Process is one daemon. They start in order; the first stops last, the others before it and together.
type Process struct {
	Name        string   `json:"name"`
	Argv        []string `json:"argv"`
	Env         []string `json:"env"`
	StopSeconds float64  `json:"stopSeconds"`
}

func readSpec(file string) (Spec, error) {
	var spec Spec
	text, err := os.ReadFile(file)
	if err != nil {
		return spec, err
	}
	return spec, json.Unmarshal(text, &spec)
}

func check(err error) {
	if err != nil {
		fail(err)
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "keeper:", err)
	os.Exit(1)
}
