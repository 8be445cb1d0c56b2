package main

import (
	"io"
	"os"
	"sync"
	"time"
)

// logFile is a log with a bound: when it is full it becomes FILE.1 and a new one begins. Only its owner may read it:
// a daemon may say at its first start what nobody else is to know.
type logFile struct {
	mu    sync.Mutex
	path  string
	limit int64
	size  int64
	file  *os.File
}

func openLog(path string, limit int64) (*logFile, error) {
	if limit <= 0 {
		limit = 8 << 20
	}
	l := &logFile{path: path, limit: limit}
	return l, l.open()
}

func (l *logFile) open() error {
	file, err := os.OpenFile(l.path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	stat, err := file.Stat()
	if err != nil {
		return err
	}
	l.file, l.size = file, stat.Size()
	return nil
}

func (l *logFile) write(text []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file == nil {
		return
	}
	if l.size+int64(len(text)) > l.limit {
		_ = l.file.Close()
		_ = os.Rename(l.path, l.path+".1")
		if err := l.open(); err != nil {
			l.file = nil
			return
		}
	}
	n, _ := l.file.Write(text)
	l.size += int64(n)
}

func (l *logFile) note(text string) {
	l.write([]byte("keeper " + time.Now().UTC().Format(time.RFC3339) + " " + text + "\n"))
}

// copyFrom never stops reading, even when the disk is full: a daemon must not block on its log.
func (l *logFile) copyFrom(from io.ReadCloser) {
	defer from.Close()
	buffer := make([]byte, 64<<10)
	for {
		n, err := from.Read(buffer)
		if n > 0 {
			l.write(buffer[:n])
		}
		if err != nil {
			return
		}
	}
}
