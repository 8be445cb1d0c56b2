import { visibleText } from '../components/visible-text.ts'

/** A ticket of a release: a link where it is an address. */
export function Ticket({ ticket }: { ticket: string }) {
  if (!/^https?:\/\//.test(ticket)) return <span className="chip">{visibleText(ticket)}</span>
  const short = ticket.replace(/\/+$/, '').replace(/^.*\//, '')
  return (
    <a className="chip" href={ticket} target="_blank" rel="noreferrer noopener" title={ticket}>
      {visibleText(short)}
    </a>
  )
}
