import type { QueryClient } from '@tanstack/react-query'
import type { Change, RouteResult } from '@flotilla/api'
import { keys } from '../query/keys.ts'

/** A changed move takes its place among those of its application; one that is new, or gone, has them read again. */
export function applyMove(client: QueryClient, { key, row }: Extract<Change, { topic: 'moves' }>): void {
  const [project = ''] = key.split('/')
  if (row === null) return void client.invalidateQueries({ queryKey: keys.movesOfProject(project) })
  const listKey = keys.moves(project, row.application)
  const before = client.getQueryData<RouteResult<'moves.list'>>(listKey)
  if (before === undefined) return
  const known = before.items.some(({ name }) => name === row.name)
  if (!known) return void client.invalidateQueries({ queryKey: listKey })
  const items = before.items.map((item) => (item.name === row.name ? row : item))
  client.setQueryData<RouteResult<'moves.list'>>(listKey, { ...before, items })
}
