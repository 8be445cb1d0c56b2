// Package isolate puts this process into namespaces of its own before anything else happens. Its path sorts
// before those of the large libraries, so that the outer process, which only waits, never initialises them.
package isolate

import (
	"errors"
	"os"
	"os/exec"
	"runtime"
	"syscall"

	"golang.org/x/sys/unix"
)

// stageVariable tells the inner process that its namespaces are made.
const stageVariable = "FLOTILLA_HELM_WORKER_STAGE"

// State is what the kernel granted; `version` reports it.
type State struct {
	Network bool `json:"network"`
	Files   bool `json:"files"`
}

func init() {
	if os.Getenv(stageVariable) == "" {
		if code, isolated := runIsolated(); isolated {
			os.Exit(code)
		}
	}
}

// runIsolated starts this program again in new user, network, mount, process and IPC namespaces and waits for
// it. It answers false when the kernel refuses; then nothing has been read from stdin yet.
func runIsolated() (code int, isolated bool) {
	// The death signal belongs to the thread that made the child, so that thread must stay.
	runtime.LockOSThread()
	self, err := os.Executable()
	if err != nil {
		return 0, false
	}
	inner := exec.Command(self)
	inner.Env = []string{stageVariable + "=isolated"}
	inner.Stdin, inner.Stdout, inner.Stderr = os.Stdin, os.Stdout, os.Stderr
	inner.Dir = "/"
	inner.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags: syscall.CLONE_NEWUSER | syscall.CLONE_NEWNET | syscall.CLONE_NEWNS | syscall.CLONE_NEWPID |
			syscall.CLONE_NEWIPC,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}},
		Pdeathsig:   syscall.SIGKILL,
	}
	if err := inner.Start(); err != nil {
		return 0, false
	}
	err = inner.Wait()
	var exit *exec.ExitError
	switch {
	case err == nil:
		return 0, true
	case errors.As(err, &exit) && exit.ExitCode() >= 0:
		return exit.ExitCode(), true
	default:
		return 137, true
	}
}

// Enter gives up what a renderer does not need. Each step is best effort: a refusal by the kernel is
// reported, and the owner decides whether to go on.
func Enter(maxData uint64) State {
	state := State{Network: os.Getenv(stageVariable) == "isolated"}
	if state.Network {
		state.Files = hideFiles() == nil
	}
	_ = unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
	limit := func(resource int, most uint64) {
		_ = unix.Setrlimit(resource, &unix.Rlimit{Cur: most, Max: most})
	}
	limit(unix.RLIMIT_DATA, maxData)
	limit(unix.RLIMIT_FSIZE, 0)
	limit(unix.RLIMIT_CORE, 0)
	limit(unix.RLIMIT_NOFILE, 32)
	return state
}

// hideFiles makes an empty file system the root. It is a mount of this process alone, so nothing is left behind.
func hideFiles() error {
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return err
	}
	const root = "/proc"
	flags := uintptr(unix.MS_NOSUID | unix.MS_NODEV | unix.MS_NOEXEC | unix.MS_RDONLY)
	if err := unix.Mount("none", root, "tmpfs", flags, "size=4k,nr_inodes=2"); err != nil {
		return err
	}
	if err := unix.Chroot(root); err != nil {
		return err
	}
	return unix.Chdir("/")
}
