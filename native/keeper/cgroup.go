package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// hierarchy is one mounted cgroup tree: several of version 1, or the one of version 2.
type hierarchy struct {
	mount   string
	version int
	options string
}

func hierarchies() ([]hierarchy, error) {
	text, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		return nil, err
	}
	var found []hierarchy
	seen := map[string]bool{}
	for line := range strings.Lines(string(text)) {
		left, right, ok := strings.Cut(strings.TrimSpace(line), " - ")
		if !ok {
			continue
		}
		mount := strings.Fields(left)[4]
		kind := strings.Fields(right)
		if seen[mount] || len(kind) < 3 {
			continue
		}
		switch kind[0] {
		case "cgroup":
			seen[mount] = true
			found = append(found, hierarchy{mount, 1, controllersOf(kind[2])})
		case "cgroup2":
			seen[mount] = true
			found = append(found, hierarchy{mount, 2, ""})
		}
	}
	return found, nil
}

// controllersOf keeps the controllers of a version 1 mount's options, which is what a new mount of it must name.
func controllersOf(options string) string {
	var kept []string
	for _, option := range strings.Split(options, ",") {
		if option != "rw" && option != "ro" && !strings.HasPrefix(option, "release_agent") {
			kept = append(kept, option)
		}
	}
	if len(kept) == 1 && strings.HasPrefix(kept[0], "name=") {
		kept = append([]string{"none"}, kept...)
	}
	return strings.Join(kept, ",")
}

// enterCgroup makes the group in every hierarchy and moves this process into it.
func enterCgroup(path string) error {
	trees, err := hierarchies()
	if err != nil {
		return err
	}
	for _, tree := range trees {
		at := tree.mount
		for _, name := range strings.Split(path, "/") {
			if tree.version == 2 {
				enableControllers(at)
			}
			parent := at
			at = filepath.Join(at, name)
			if err := os.Mkdir(at, 0o755); err != nil && !errors.Is(err, os.ErrExist) {
				return err
			}
			// a new version 1 cpuset has no processors until it is told
			for _, file := range []string{"cpuset.cpus", "cpuset.mems"} {
				inherit(filepath.Join(parent, file), filepath.Join(at, file))
			}
		}
		if err := os.WriteFile(filepath.Join(at, "cgroup.procs"), []byte("0"), 0o644); err != nil {
			return err
		}
	}
	return nil
}

func inherit(from, to string) {
	if has, err := os.ReadFile(to); err != nil || strings.TrimSpace(string(has)) != "" {
		return
	}
	if text, err := os.ReadFile(from); err == nil {
		_ = os.WriteFile(to, text, 0o644)
	}
}

// enableControllers hands every controller on to the groups below, one by one: one that is not to be had stops no other.
func enableControllers(at string) {
	text, err := os.ReadFile(filepath.Join(at, "cgroup.controllers"))
	if err != nil {
		return
	}
	for _, name := range strings.Fields(string(text)) {
		_ = os.WriteFile(filepath.Join(at, "cgroup.subtree_control"), []byte("+"+name), 0o644)
	}
}

// remountCgroups shows only the own groups inside: the kubelet then measures and divides its own cluster.
func remountCgroups() error {
	trees, err := hierarchies()
	if err != nil {
		return err
	}
	for _, tree := range trees {
		if err := syscall.Unmount(tree.mount, syscall.MNT_DETACH); err != nil {
			return err
		}
		kind := "cgroup"
		if tree.version == 2 {
			kind = "cgroup2"
		}
		if err := syscall.Mount("cgroup", tree.mount, kind, 0, tree.options); err != nil {
			return err
		}
		if tree.version == 2 {
			daemons := filepath.Join(tree.mount, "daemons")
			if err := os.Mkdir(daemons, 0o755); err != nil && !errors.Is(err, os.ErrExist) {
				return err
			}
			if err := os.WriteFile(filepath.Join(daemons, "cgroup.procs"), []byte("0"), 0o644); err != nil {
				return err
			}
			enableControllers(tree.mount)
		}
	}
	return nil
}
