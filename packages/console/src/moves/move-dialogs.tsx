import type { MoveRow } from '@flotilla/api'
import { AskReason } from '../components/ask-reason.tsx'
import { useText } from '../i18n/text.ts'
import { useParam } from '../place/use-param.ts'
import { api } from '../query/api.ts'
import { keys } from '../query/keys.ts'
import { queryClient } from '../query/query-client.ts'
import { movePlaces } from './move-places.ts'

/** The dialog that the address names: what would come of it is said before it is asked for. */
export function MoveDialogs({ move }: { move: MoveRow }) {
  const text = useText()
  const { t } = text
  const [open, setOpen] = useParam('open')
  const { project, application, name, phase } = move
  if (move.ended) return null
  const [from, to] = [movePlaces(move, 'from', text), movePlaces(move, 'to', text)]
  const params = { project, move: name }
  const body = (reason: string) => (reason === '' ? {} : { reason })
  const rest = {
    optional: true,
    onDone: () => void queryClient.invalidateQueries({ queryKey: keys.moves(project, application) }),
    onClose: () => setOpen(''),
  }
  switch (open) {
    case 'confirm':
      return (
        <AskReason
          {...rest}
          title={t.moves.confirmTitle(application)}
          lead={
            <>
              {t.moves.confirmLead(from, to)}
              {phase !== 'AwaitingTraffic' && <div className="sub">{t.moves.confirmEarly}</div>}
            </>
          }
          submit={t.moves.confirmSubmit}
          done={t.moves.confirmedNow(application)}
          onSubmit={(reason) => api.moves.confirmTraffic({ params, body: body(reason) })}
        />
      )
    case 'undo':
      return (
        <AskReason
          {...rest}
          title={t.moves.undoTitle(application)}
          lead={phase === 'Pending' ? t.moves.undoLeadPending : t.moves.undoLead(from, to)}
          submit={t.moves.undoSubmit}
          done={t.moves.undoneNow(application)}
          onSubmit={(reason) => api.moves.undo({ params, body: body(reason) })}
        />
      )
    case 'abort':
      return (
        <AskReason
          {...rest}
          title={t.moves.abortTitle(application)}
          lead={t.moves.abortLead}
          submit={t.moves.abortSubmit}
          done={t.moves.abortedNow(application)}
          onSubmit={(reason) => api.moves.abort({ params, body: body(reason) })}
        />
      )
    default:
      return null
  }
}
