import type { ReleaseDetail, ReleaseDifference, RolloutDetail } from '@flotilla/api'
import { shortVersion } from '@flotilla/model/short-version'
import { Findings } from '../app/findings.tsx'
import { Failures } from '../components/failures.tsx'
import { Problem } from '../components/problem.tsx'
import { SkeletonRows } from '../components/skeleton.tsx'
import { DifferenceList } from '../difference/difference-list.tsx'
import { reverseChange } from '../difference/reverse-change.ts'
import { useText } from '../i18n/text.ts'
import { useClusterFilter } from '../place/use-cluster-filter.ts'
import { useParam } from '../place/use-param.ts'
import { useReleaseDifference, useReleaseList } from '../query/use-releases.ts'
import { currentStage } from './compute-sentence.ts'
import { headings } from './difference-headings.ts'
import { endedRun } from './ended-run.ts'
import { SetTable } from './set-table.tsx'

type Target = Pick<ReleaseDifference['targets'][number], 'cluster' | 'namespace'>
const wordOf = ({ cluster, namespace }: Target): string => `${cluster}~${namespace}`
const all = 'all'

/** Exactly what a release changes: versions and images first, then every object of the target that is chosen. */
export function DifferencePane({ detail, run }: { detail: ReleaseDetail; run: RolloutDetail | undefined }) {
  const { t } = useText()
  const { names } = useClusterFilter()
  const [against, setAgainst] = useParam('against')
  const listed = detail.targetList.filter(({ cluster }) => names === undefined || names.includes(cluster))
  const [asked, setAsked] = useParam('target')
  // a draft has no targets of its own yet: all of what it would change is shown
  const first = atHand(listed, run)
  const chosen = asked !== '' ? asked : first === undefined ? all : wordOf(first)
  const [cluster = '', namespace = ''] = chosen.split('~')
  const difference = useReleaseDifference(detail, {
    ...(against === '' ? {} : { against }),
    ...(chosen === all ? (names === undefined ? {} : { cluster: names }) : { cluster: [cluster], namespace }),
  })
  const { data } = difference
  const targets = data?.targets ?? listed
  // a rollback changes what its release changed, the other way round
  const back = run?.action === 'Rollback' && against === ''
  const { title, before } = headings(detail, { against, back, ended: run !== undefined && endedRun(run.phase) }, t)
  return (
    <section className="panel difference-pane" aria-label={title}>
      <header className="wrap">
        <h2>{title}</h2>
        {data !== undefined && (
          <span className="sub">
            {t.releases.objects(countObjects(data, chosen))}
            {chosen !== all && ` · ${cluster}`}
          </span>
        )}
        <span className="push" />
        <Digest detail={detail} />
      </header>
      <div className="filters choosers">
        <select
          className="input small"
          aria-label={t.releases.target}
          value={chosen}
          onChange={(event) => setAsked(event.target.value)}
        >
          <option value={all}>{t.releases.allTargets}</option>
          {targets.map((target) => (
            <option key={wordOf(target)} value={wordOf(target)}>
              {target.cluster}/{target.namespace} (
              {back
                ? t.releases.changeCount(target.removed, target.changed, target.added)
                : t.releases.changeCount(target.added, target.changed, target.removed)}
              )
            </option>
          ))}
          {chosen !== all && !targets.some((target) => wordOf(target) === chosen) && (
            <option value={chosen}>{chosen.replace('~', '/')}</option>
          )}
        </select>
        <Against detail={detail} value={against} onChange={setAgainst} />
      </div>
      {difference.isPending && <SkeletonRows rows={5} />}
      {difference.isError && <Problem error={difference.error} />}
      {data !== undefined && (
        <div className="scrolls" role="group" aria-label={title} tabIndex={0}>
          <SetTable
            changes={data.components}
            before={before}
            after={back ? t.releases.rollBackTo : detail.name}
            back={back}
          />
          <Failures failures={data.failures} />
          {data.items.length === 0 && data.failures.length === 0 && (
            <div className="panel-empty">{t.releases.differenceNone}</div>
          )}
          <DifferenceList
            items={back ? data.items.map(reverseChange) : data.items}
            showCluster={chosen === all}
            words={t.releases.changeOf}
          />
          {data.truncated && <div className="panel-empty">{t.releases.differenceCut}</div>}
          {detail.phase === 'Draft' && <Findings findings={data.findings} />}
        </div>
      )}
    </section>
  )
}

/** Objects that differ in what is chosen; those of all targets are counted, not those that are told. */
const countObjects = ({ targets }: ReleaseDifference, chosen: string): number =>
  targets
    .filter((target) => chosen === all || wordOf(target) === chosen)
    .reduce((sum, { added, changed, removed }) => sum + added + changed + removed, 0)

/** The target to look at first: one that failed, one of the stage that moves, and then one that changes at all. */
function atHand<T extends Target & { readonly added: number; readonly changed: number; readonly removed: number }>(
  listed: readonly T[],
  run: RolloutDetail | undefined,
): T | undefined {
  const stage = run === undefined ? '' : currentStage(run)
  const moving = run?.stages.find(({ name }) => name === stage)?.targets ?? []
  const failed = moving.find(({ phase }) => phase === 'Failed')
  const changing = listed.filter(({ added, changed, removed }) => added + changed + removed > 0)
  const among = new Set(moving.map(wordOf))
  return (
    listed.find((one) => failed !== undefined && wordOf(one) === wordOf(failed)) ??
    changing.find((one) => among.has(wordOf(one))) ??
    changing[0] ??
    listed[0]
  )
}

/** The digest that approvals name, and whether somebody has approved it. */
function Digest({ detail }: { detail: ReleaseDetail }) {
  const { t, f } = useText()
  if (detail.digest === undefined) return null
  const approved = detail.approvalList.filter(({ current, decision }) => current && decision === 'Approved')
  const digest = shortVersion(detail.digest)
  return (
    <span className="chip digest" title={`${t.releases.digestTitle}\n${detail.digest}`}>
      {approved.length > 0 ? t.releases.digestApproved(digest) : t.releases.digest(digest)}
      {approved.length > 0 && ` · ${f.list([...new Set(approved.map(({ by }) => by.name))])}`}
    </span>
  )
}

interface AgainstProps {
  readonly detail: ReleaseDetail
  readonly value: string
  readonly onChange: (value: string) => void
}

function Against({ detail, value, onChange }: AgainstProps) {
  const { t } = useText()
  const list = useReleaseList({ project: [detail.project], application: [detail.application] })
  const others = (list.data?.pages ?? [])
    .flatMap((page) => page.items)
    .filter(({ name, frozenAt }) => name !== detail.name && frozenAt !== undefined)
  if (others.length === 0 && value === '') return null
  const known = others.some(({ name }) => name === value)
  return (
    <select
      className="input small"
      aria-label={t.releases.against}
      value={value}
      onChange={(event) => onChange(event.target.value)}
    >
      <option value="">{detail.digest === undefined ? t.releases.againstBaseline : t.releases.againstFrozen}</option>
      {others.map(({ name }) => (
        <option key={name}>{name}</option>
      ))}
      {value !== '' && !known && <option>{value}</option>}
    </select>
  )
}
