const slackNs = 10_000_000

/**
 * The command of a daemon whose timers may go off up to 10 ms late, so that the kernel serves several at one waking.
 * At rest a cluster's daemons wake a thousand times a second, nearly always for a timer of their own or of Go's scheduler,
 * and this is most of what they cost. What they are asked is answered as fast as before. Children inherit it: so this is not
 * for containerd, which starts the pods. Where the kernel refuses, the daemon runs with exact timers.
 */
export const withCoarseTimers = (argv: readonly string[]): string[] => [
  '/bin/sh',
  '-c',
  `echo ${slackNs} > /proc/self/timerslack_ns; exec "$@"`,
  'sh',
  ...argv,
]
