import type { MoveRow } from '@flotilla/api'
import { type Action, allOf, allowed, refused } from '../actions/action.ts'
import { useText } from '../i18n/text.ts'
import { useParam } from '../place/use-param.ts'
import { useAccess } from '../query/use-access.ts'

/** What can be asked of a move; each opens what it would do first. The main one is last. */
export function useMoveActions(move: MoveRow): readonly Action[] {
  const { t } = useText()
  const [, setOpen] = useParam('open')
  const { project, name, ended, undo, confirmedTraffic } = move
  const [mayPatch = allowed] = useAccess([{ verb: 'patch', resource: 'moves', project, name }])
  const { why } = t.moves
  const may = allOf(mayPatch, ended ? refused(why.ended) : allowed)
  const onward = allOf(may, undo === undefined ? allowed : refused(why.back))
  const confirm: Action = {
    id: 'move.confirm',
    label: t.moves.confirm,
    may: allOf(onward, confirmedTraffic === undefined ? allowed : refused(why.confirmed)),
    primary: move.phase === 'AwaitingTraffic',
    run: () => setOpen('confirm'),
  }
  const goBack: Action = { id: 'move.undo', label: t.moves.undo, may: onward, run: () => setOpen('undo') }
  const abort: Action = {
    id: 'move.abort',
    label: t.moves.abort,
    may,
    danger: true,
    run: () => setOpen('abort'),
  }
  return [abort, goBack, confirm]
}
