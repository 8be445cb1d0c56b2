// The sandbox of every pod of a local cluster.
module flotilla.dev/native/pause

go 1.26.0
