// The keeper holds one cluster of a local fleet together. Standard library only.
module flotilla.dev/native/keeper

go 1.26.0
