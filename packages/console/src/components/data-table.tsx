import { type KeyboardEvent, type ReactNode, useRef } from 'react'
import { mayTakeKey } from '../keyboard/may-take-key.ts'
import { shape } from '../theme/tokens.ts'
import { SortHeader } from './sort-header.tsx'
import { useRowWindow } from './use-row-window.ts'

export interface Column<Row> {
  readonly id: string
  readonly title: string
  /** Name of the sort that the server knows; absent: the column does not sort. */
  readonly sort?: string
  readonly end?: boolean
  readonly render: (row: Row) => ReactNode
}

interface DataTableProps<Row> {
  readonly label: string
  readonly rows: readonly Row[]
  /** Rows that match on the server; more than `rows` when not all are loaded. */
  readonly total?: number
  readonly columns: readonly Column<Row>[]
  readonly keyOf: (row: Row) => string
  readonly rowClass?: (row: Row) => string
  readonly sort?: string
  readonly onSort?: (sort: string) => void
  readonly onOpen?: (row: Row) => void
  /** One-letter keys of the row that has the focus. */
  readonly rowKeys?: Readonly<Record<string, (row: Row) => void>>
}

/** Moves the focus to the row above or below, on the link that names it. */
function moveFocus(event: KeyboardEvent<HTMLElement>): void {
  const step = { ArrowDown: 1, ArrowUp: -1, j: 1, k: -1 }[event.key]
  if (step === undefined || event.nativeEvent.isComposing) return
  const links = [...event.currentTarget.querySelectorAll<HTMLElement>('a.name')]
  const at = links.findIndex((link) => link === document.activeElement)
  const next = at < 0 ? links[0] : links[at + step]
  if (next === undefined) return
  event.preventDefault()
  next.focus()
}

function pressRowKey<Row>(event: KeyboardEvent<HTMLElement>, { rows, rowKeys }: DataTableProps<Row>): void {
  const act = rowKeys?.[event.key]
  if (act === undefined || event.defaultPrevented || !mayTakeKey(event.nativeEvent, undefined)) return
  const index = event.target instanceof Element ? event.target.closest('tr')?.getAttribute('aria-rowindex') : undefined
  // the head of the table is its first row
  const row = rows[Number(index) - 2]
  if (row === undefined) return
  event.preventDefault()
  act(row)
}

/** A table of 32 px rows; only what is seen is drawn when it is long. */
export function DataTable<Row>(props: DataTableProps<Row>) {
  const { rows, columns, keyOf, onOpen } = props
  const scroller = useRef<HTMLDivElement>(null)
  const shown = useRowWindow(scroller, rows.length, shape.row + 1)
  return (
    <div className="table-scroll" ref={scroller}>
      <table className="table" aria-label={props.label} aria-rowcount={(props.total ?? rows.length) + 1}>
        <thead>
          <tr>
            {columns.map((column) => (
              <SortHeader key={column.id} column={column} sort={props.sort} onSort={props.onSort} />
            ))}
          </tr>
        </thead>
        <tbody
          onKeyDown={(event) => {
            moveFocus(event)
            pressRowKey(event, props)
          }}
        >
          <Spacer height={shown.above} width={columns.length} />
          {rows.slice(shown.first, shown.end).map((row, index) => (
            <tr
              key={keyOf(row)}
              aria-rowindex={shown.first + index + 2}
              className={`${onOpen === undefined ? '' : 'open'} ${props.rowClass?.(row) ?? ''}`}
              onClick={(event) => {
                // links and buttons inside do their own work; marking text opens nothing
                const inside = event.target instanceof Element && event.target.closest('a, button, input') !== null
                if (!inside && getSelection()?.toString() === '') onOpen?.(row)
              }}
            >
              {columns.map((column) => (
                <td key={column.id} className={column.end ? 'end' : undefined}>
                  {column.render(row)}
                </td>
              ))}
            </tr>
          ))}
          <Spacer height={shown.below} width={columns.length} />
        </tbody>
      </table>
    </div>
  )
}

function Spacer({ height, width }: { height: number; width: number }) {
  if (height === 0) return null
  return (
    <tr className="spacer" aria-hidden>
      <td colSpan={width} style={{ height }} />
    </tr>
  )
}
