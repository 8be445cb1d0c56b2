import { run, turn } from './work.ts'

export const onceOperations = {
  'once.claim': turn(function* (id: string, until: string, now: string) {
    yield* run('DELETE FROM done_once WHERE until <= ?', now)
    return (yield* run('INSERT INTO done_once VALUES (?, ?) ON CONFLICT DO NOTHING', id, until)) > 0
  }),
}
