package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// runInside is the first process of the cluster's namespaces.
func runInside(file string) error {
	spec, err := readSpec(file)
	if err != nil {
		return err
	}
	// the outer half connects the network first; should it die before, the pipe closes empty
	gate := os.NewFile(3, "gate")
	word := make([]byte, 2)
	if n, _ := gate.Read(word); n != 2 {
		return errors.New("the keeper ended before it began")
	}
	_ = gate.Close()
	if spec.Isolated {
		if err := furnish(spec); err != nil {
			return err
		}
	}
	return superviseAll(spec)
}

func furnish(spec Spec) error {
	if err := syscall.Sethostname([]byte(spec.Hostname)); err != nil {
		return err
	}
	// first cut the tree off the host's, then share it again below, as pods with bidirectional mounts need
	if err := syscall.Mount("", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, ""); err != nil {
		return err
	}
	if err := syscall.Mount("", "/", "", syscall.MS_REC|syscall.MS_SHARED, ""); err != nil {
		return err
	}
	if err := syscall.Mount("proc", "/proc", "proc", 0, ""); err != nil {
		return err
	}
	if spec.Cgroup != "" {
		if err := remountCgroups(); err != nil {
			return fmt.Errorf("cgroups inside: %w", err)
		}
	}
	resolv, _ := filepath.EvalSymlinks("/etc/resolv.conf")
	for _, at := range spec.Tmpfs {
		if err := os.MkdirAll(at, 0o755); err != nil {
			return err
		}
		if err := syscall.Mount("tmpfs", at, "tmpfs", 0, "mode=755"); err != nil {
			return err
		}
	}
	if spec.ResolvConf != "" && resolv != "" {
		// on some systems the file is a link into /run, which is empty by now
		_ = os.MkdirAll(filepath.Dir(resolv), 0o755)
		if f, err := os.OpenFile(resolv, os.O_CREATE|os.O_RDONLY, 0o644); err == nil {
			_ = f.Close()
		}
		spec.Binds = append(spec.Binds, Bind{From: spec.ResolvConf, To: resolv})
	}
	for _, bind := range spec.Binds {
		if err := bindMount(bind); err != nil {
			return fmt.Errorf("bind %s: %w", bind.To, err)
		}
	}
	return furnishNetwork(spec)
}

func bindMount(bind Bind) error {
	from, err := os.Stat(bind.From)
	if err != nil {
		return err
	}
	if from.IsDir() {
		if err := os.MkdirAll(bind.To, 0o755); err != nil {
			return err
		}
	}
	return syscall.Mount(bind.From, bind.To, "", syscall.MS_BIND|syscall.MS_REC, "")
}

func furnishNetwork(spec Spec) error {
	commands := [][]string{{"ip", "link", "set", "lo", "up"}}
	if net := spec.Network; net != nil {
		commands = append(commands,
			[]string{"ip", "addr", "add", net.Address, "dev", "eth0"},
			[]string{"ip", "link", "set", "eth0", "up"},
			[]string{"ip", "route", "add", "default", "via", net.Gateway},
		)
	}
	for _, command := range commands {
		if err := run(command...); err != nil {
			return err
		}
	}
	for name, value := range spec.Sysctls {
		path := "/proc/sys/" + strings.ReplaceAll(name, ".", "/")
		if err := os.WriteFile(path, []byte(value), 0o644); err != nil {
			return fmt.Errorf("sysctl %s: %w", name, err)
		}
	}
	return nil
}
