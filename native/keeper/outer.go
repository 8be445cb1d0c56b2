package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"time"
)

const cloneNewCgroup = 0x02000000

// Status is what the TypeScript side reads to find and to recognise a keeper: a pid alone may be someone else's by now.
type Status struct {
	Pid       int    `json:"pid"`
	StartTime string `json:"startTime"`
	InsidePid int    `json:"insidePid"`
}

// runOuter starts the inside, connects it to the bridge and waits for its end.
func runOuter(file string) error {
	spec, err := readSpec(file)
	if err != nil {
		return err
	}
	stop := make(chan os.Signal, 2)
	signal.Notify(stop, syscall.SIGTERM, syscall.SIGINT)
	signal.Ignore(syscall.SIGHUP)
	_ = os.Remove(spec.StatusFile)

	if spec.Cgroup != "" {
		if err := enterCgroup(spec.Cgroup); err != nil {
			return fmt.Errorf("cgroup %s: %w", spec.Cgroup, err)
		}
	}
	gateRead, gateWrite, err := os.Pipe()
	if err != nil {
		return err
	}
	inside := exec.Command("/proc/self/exe", "inside", file)
	inside.Stdout, inside.Stderr = os.Stdout, os.Stderr
	inside.ExtraFiles = []*os.File{gateRead}
	inside.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if spec.Isolated {
		inside.SysProcAttr.Cloneflags = syscall.CLONE_NEWNS | syscall.CLONE_NEWPID | syscall.CLONE_NEWNET |
			syscall.CLONE_NEWUTS | syscall.CLONE_NEWIPC
		if spec.Cgroup != "" {
			inside.SysProcAttr.Cloneflags |= cloneNewCgroup
		}
	}
	if err := inside.Start(); err != nil {
		return err
	}
	_ = gateRead.Close()
	if err := connect(spec, inside.Process.Pid); err != nil {
		_ = inside.Process.Kill()
		_ = inside.Wait()
		return err
	}
	if spec.Cgroup != "" {
		// cgroup v2 lets no process live beside sub-groups
		if err := enterCgroup(spec.Cgroup + ".keeper"); err != nil {
			return err
		}
	}
	if err := writeStatus(spec.StatusFile, inside.Process.Pid); err != nil {
		return err
	}
	_, _ = gateWrite.WriteString("go")
	_ = gateWrite.Close()

	ended := make(chan error, 1)
	go func() { ended <- inside.Wait() }()
	for {
		select {
		case <-stop:
			_ = inside.Process.Signal(syscall.SIGTERM)
			time.AfterFunc(20*time.Second, func() { _ = inside.Process.Kill() })
		case err := <-ended:
			_ = os.Remove(spec.StatusFile)
			return err
		}
	}
}

func connect(spec Spec, pid int) error {
	net := spec.Network
	if net == nil {
		return nil
	}
	_ = exec.Command("ip", "link", "del", net.Veth).Run() // of a keeper that was killed a moment ago
	if err := run("ip", "link", "add", net.Veth, "type", "veth", "peer", "name", "eth0", "netns", fmt.Sprint(pid)); err != nil {
		return err
	}
	return run("ip", "link", "set", net.Veth, "master", net.Bridge, "up")
}

func writeStatus(file string, inside int) error {
	start, err := startTime(os.Getpid())
	if err != nil {
		return err
	}
	text, err := json.Marshal(Status{Pid: os.Getpid(), StartTime: start, InsidePid: inside})
	if err != nil {
		return err
	}
	if err := os.WriteFile(file+".part", text, 0o644); err != nil {
		return err
	}
	return os.Rename(file+".part", file)
}

// startTime is field 22 of /proc/PID/stat: with the pid it names a process for good.
func startTime(pid int) (string, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return "", err
	}
	fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
	return fields[19], nil
}

func run(argv ...string) error {
	out, err := exec.Command(argv[0], argv[1:]...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s: %w: %s", strings.Join(argv, " "), err, strings.TrimSpace(string(out)))
	}
	return nil
}
