import type { ReactNode } from 'react'
import { type Crumb, TopBar } from './top-bar.tsx'

interface PageProps {
  readonly crumbs: readonly Crumb[]
  readonly title: string
  /** Beside the title. */
  readonly beside?: ReactNode
  readonly actions?: ReactNode
  /** The sentence of status under the title. */
  readonly sentence?: ReactNode
  readonly tabs?: ReactNode
  /** The body scrolls inside its panels rather than as a whole. */
  readonly fill?: boolean
  readonly children: ReactNode
}

/** Every page: where we are, what it is, what is so, what can be done, then its body. */
export function Page(props: PageProps) {
  return (
    <>
      <TopBar crumbs={props.crumbs} />
      <main className="page" id="content" tabIndex={-1}>
        <title>{`${props.title} · Flotilla`}</title>
        <div className={props.tabs === undefined ? 'head plain' : 'head'}>
          <div className="row">
            <h1>{props.title}</h1>
            {props.beside}
            <span className="push" />
            {props.actions}
          </div>
          {props.sentence}
          {props.tabs}
        </div>
        <div className={props.fill === true ? 'body fill' : 'body'}>{props.children}</div>
      </main>
    </>
  )
}
