package main

import (
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"sync"
	"syscall"
	"time"
)

const (
	firstPause = 500 * time.Millisecond
	lastPause  = 10 * time.Second
)

// supervisor starts processes, restarts those that die and reaps every orphan of the PID namespace.
type supervisor struct {
	mu       sync.Mutex
	waiting  map[int]chan syscall.WaitStatus
	stopping bool
}

func superviseAll(spec Spec) error {
	s := &supervisor{waiting: map[int]chan syscall.WaitStatus{}}
	children := make(chan os.Signal, 16)
	signal.Notify(children, syscall.SIGCHLD)
	stop := make(chan os.Signal, 2)
	signal.Notify(stop, syscall.SIGTERM, syscall.SIGINT)
	signal.Ignore(syscall.SIGHUP)
	go func() {
		for range children {
			s.reap()
		}
	}()
	if err := os.MkdirAll(spec.LogDir, 0o755); err != nil {
		return err
	}
	if len(spec.Processes) == 0 {
		return errors.New("there is nothing to run")
	}
	var kept []*kept
	for _, process := range spec.Processes {
		log, err := openLog(filepath.Join(spec.LogDir, process.Name+".log"), spec.LogBytes)
		if err != nil {
			return err
		}
		k := newKept(process, log)
		kept = append(kept, k)
		go s.keep(k)
	}
	<-stop
	s.mu.Lock()
	s.stopping = true
	s.mu.Unlock()
	// all at once, but the first (the database) only when nobody writes to it any more
	var others sync.WaitGroup
	for _, k := range kept[1:] {
		others.Go(k.end)
	}
	others.Wait()
	kept[0].end()
	if spec.Isolated {
		_ = syscall.Kill(-1, syscall.SIGKILL) // pods: to them the machine goes off
	}
	return nil
}

type kept struct {
	process Process
	log     *logFile
	mu      sync.Mutex
	pid     int
	gone    chan struct{}
}

func newKept(process Process, log *logFile) *kept {
	return &kept{process: process, log: log, gone: make(chan struct{})}
}

// keep runs the process again and again until the keeper stops.
func (s *supervisor) keep(k *kept) {
	defer close(k.gone)
	pause := firstPause
	for {
		began := time.Now()
		status, err := s.runOnce(k)
		if errors.Is(err, errStopping) || s.isStopping() {
			return
		}
		k.log.note(fmt.Sprintf("%s ended: %s; starting again in %s", k.process.Name, describe(status, err), pause))
		time.Sleep(pause)
		if pause = min(pause*2, lastPause); time.Since(began) > time.Minute {
			pause = firstPause
		}
	}
}

var errStopping = errors.New("stopping")

func (s *supervisor) runOnce(k *kept) (syscall.WaitStatus, error) {
	read, write, err := os.Pipe()
	if err != nil {
		return 0, err
	}
	done := make(chan syscall.WaitStatus, 1)
	// the lock is held across the fork, so the reaper cannot see the child before it is known
	s.mu.Lock()
	if s.stopping {
		s.mu.Unlock()
		return 0, errStopping
	}
	env := append(os.Environ(), k.process.Env...)
	process, err := os.StartProcess(k.process.Argv[0], k.process.Argv, &os.ProcAttr{
		Env:   env,
		Files: []*os.File{nil, write, write},
		Sys:   &syscall.SysProcAttr{Setsid: true},
	})
	if err == nil {
		s.waiting[process.Pid] = done
	}
	s.mu.Unlock()
	_ = write.Close()
	if err != nil {
		_ = read.Close()
		return 0, err
	}
	k.setPid(process.Pid)
	go k.log.copyFrom(read)
	status := <-done
	k.setPid(0)
	return status, nil
}

func (s *supervisor) reap() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		var status syscall.WaitStatus
		pid, err := syscall.Wait4(-1, &status, syscall.WNOHANG, nil)
		if err == syscall.EINTR {
			continue
		}
		if pid <= 0 || err != nil {
			return
		}
		if done := s.waiting[pid]; done != nil {
			delete(s.waiting, pid)
			done <- status
		}
	}
}

func (s *supervisor) isStopping() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stopping
}

func (k *kept) setPid(pid int) {
	k.mu.Lock()
	k.pid = pid
	k.mu.Unlock()
}

func (k *kept) signal(signal syscall.Signal) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.pid > 0 {
		_ = syscall.Kill(k.pid, signal)
	}
}

// end asks, waits a bounded time, then insists.
func (k *kept) end() {
	k.signal(syscall.SIGTERM)
	select {
	case <-k.gone:
		return
	case <-time.After(time.Duration(max(k.process.StopSeconds, 0.2) * float64(time.Second))):
	}
	k.signal(syscall.SIGKILL)
	select {
	case <-k.gone:
	case <-time.After(time.Second):
	}
}

func describe(status syscall.WaitStatus, err error) string {
	switch {
	case err != nil:
		return err.Error()
	case status.Signaled():
		return "signal " + status.Signal().String()
	default:
		return fmt.Sprintf("exit code %d", status.ExitStatus())
	}
}
