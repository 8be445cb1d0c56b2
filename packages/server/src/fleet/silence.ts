/**
 * A kind in which nothing happens gives no bookmarks, so silence says nothing of a watch: this is longer than the API
 * server lets one live. That the cluster is there at all is what the client's heartbeat finds out.
 */
export const silentAfterMs = 600_000
