import type { ReleaseDetail, ReleaseRow } from '@flotilla/api'
import type { Contract } from '@flotilla/api/contract'
import {
  apiVersion,
  endedPhases,
  type Finding,
  FlotillaError,
  group,
  parseInput,
  projectNamespace,
  Release,
  type Release as ReleaseObject,
  ReleaseSpec,
  version,
} from '@flotilla/model'
import type { z } from 'zod'
import type { People } from '../../access/people.ts'
import { updateUnlessChanged } from '../../delivery/update-unless-changed.ts'
import type { Caller, Services, SomeHandlers } from '../handler.ts'
import { compareText, pageOf } from '../page-of.ts'
import { chooseSource } from '../releases/choose-source.ts'
import { createUnderFirstName, numberedNames } from '../releases/create-numbered.ts'
import { giveApproval } from '../releases/give-approval.ts'
import { personName } from '../../access/person-name.ts'
import { approvalRow, releaseRow } from '../releases/release-view.ts'
import { withinTime } from '../releases/within-time.ts'
import { weighAll } from '../releases/weigh-approval.ts'
import { notFound } from './fleet-handlers.ts'

interface Named {
  readonly project: string
  readonly release: string
}

export function releaseHandlers(
  services: Services,
  people: People,
): SomeHandlers<'releases'> & SomeHandlers<'approvals'> {
  const { deps, visibility, releases } = services
  const { state } = deps

  const releaseOf = ({ project, release: name }: Named): ReleaseObject => {
    const release = state.releases.get(projectNamespace(project), name)
    if (release === undefined) throw notFound('release', name)
    return release
  }
  /** What became of a release that is past being rejected. */
  const remedyFor = (release: ReleaseObject | undefined): string => {
    const all = release === undefined ? [] : releases.rolloutsOf(release)
    const run = all.find(({ spec }) => spec.rollback === undefined)
    const isOver = run === undefined || endedPhases.includes(run.status?.phase ?? 'Pending')
    const name = run?.metadata.name ?? 'ROLLOUT'
    return `${isOver ? 'Roll it back: flotilla rollout rollback' : 'Abort its rollout: flotilla rollout abort'} ${name} --reason ...`
  }
  const detailOf = async (release: ReleaseObject, signal: AbortSignal): Promise<ReleaseDetail> => {
    const { metadata, spec, status } = release
    const project = (metadata.namespace ?? '').slice(projectNamespace('').length)
    const { approvals, sights, weighing } = releases.approvalsOf(release)
    const row =
      releases.releaseRow(`${project}/${metadata.name}`) ??
      releaseRow({ state, release, sights, weighing, rollouts: [] })
    const frozen = status?.frozen
    const reasons = weighAll(approvals, sights, weighing)
    return {
      ...row,
      notes: spec.notes,
      digest: frozen?.digest,
      ...(frozen === undefined ? {} : { writers: frozen.authors.map((author) => personName(state, author)) }),
      copiedFrom: spec.copiedFrom,
      components: await deps.releases.components(release, signal),
      targetList: (frozen?.targets ?? []).map((target) =>
        Object.assign({ running: runningIn(state, release, target)?.digest }, target),
      ),
      migrations: frozen?.migrations ?? [],
      approvalList: approvals.map((approval) => approvalRow(state, approval, frozen?.digest, reasons.get(approval))),
      findingList: [...(status?.findings ?? []), ...directFindings(state, release)],
      ...(spec.rejected === undefined
        ? {}
        : { rejected: { by: personName(state, spec.rejected.by), reason: spec.rejected.reason } }),
      rollouts: releases.rolloutsOf(release).map((rollout) => ({
        name: rollout.metadata.name,
        phase: rollout.status?.phase ?? 'Pending',
        action: rollout.spec.rollback === undefined ? ('Release' as const) : ('Rollback' as const),
        startedAt: rollout.status?.startedAt,
      })),
    }
  }
  /** Changes the specification of a release as the person, unless somebody else changed it meanwhile. */
  const change = async (
    named: Named,
    caller: Caller,
    signal: AbortSignal,
    next: (spec: ReleaseSpec) => ReleaseSpec,
  ): Promise<ReleaseDetail> => {
    releaseOf(named)
    const key = { group, version, kind: 'Release', namespace: projectNamespace(named.project), name: named.release }
    const live = await caller.host.get(key, { signal })
    const spec = parseInput(Release, live).spec
    const wanted = next(spec)
    if (wanted === spec) return detailOf(releaseOf(named), signal)
    const written = await updateUnlessChanged(caller.host, live, (object) => ({ ...object, spec: wanted }), signal)
    return detailOf(parseInput(Release, written), signal)
  }

  return {
    'releases.list': async ({ query, caller, exchange }) => {
      const rows = releases.releaseRows().filter((row) => matches(row, query))
      const namespaces = rows.map(({ project }) => projectNamespace(project))
      const seen = await visibility.among(caller.identity, 'releases', namespaces, exchange.signal)
      return pageOf(
        rows.filter(({ project }) => seen.has(projectNamespace(project))),
        {
          key: ({ project, name }) => `${project}/${name}`,
          compare: releaseOrder(query.sort),
          limit: query.limit,
          continue: query.continue,
        },
      )
    },
    'releases.get': ({ params, exchange }) => detailOf(releaseOf(params), exchange.signal),
    'releases.create': async ({ params, body, caller, exchange }) => {
      const { signal } = exchange
      const namespace = projectNamespace(params.project)
      const application = state.applications.get(namespace, body.application)
      if (application === undefined) throw notFound('application', body.application)
      const known = new Set(application.spec.components.map(({ name }) => name))
      const odd = body.components.findIndex(({ name }) => !known.has(name))
      if (odd >= 0)
        throw new FlotillaError('input.invalid', {
          message: `${body.application} has no component ${body.components[odd]?.name ?? ''}`,
          field: `components[${odd}].name`,
          value: body.components[odd]?.name,
          remedy: `Its components are: ${[...known].join(', ')}`,
        })
      const copied =
        body.copyFrom === undefined ? undefined : chooseSource(state, namespace, body.application, body.copyFrom)
      const running = copied === undefined ? [] : await deps.releases.runningVersions(copied)
      const chosen = new Set(body.components.map(({ name }) => name))
      const spec: ReleaseSpec = {
        application: body.application,
        title: body.title,
        notes: body.notes,
        tickets: body.tickets,
        components: [...body.components, ...running.filter(({ name }) => !chosen.has(name))],
        ...(copied === undefined
          ? {}
          : {
              copiedFrom: {
                cluster: copied.spec.target.cluster,
                namespace: copied.spec.target.namespace,
                ...(copied.spec.target.environment === undefined
                  ? {}
                  : { environment: copied.spec.target.environment }),
              },
            }),
        authors: [caller.identity.user],
        freeze: body.freeze,
      }
      const names =
        body.name === undefined ? numberedNames(releases.releaseRows(), params.project, body.application) : [body.name]
      const object = {
        apiVersion,
        kind: 'Release',
        metadata: { name: '', namespace },
        spec: parseInput(ReleaseSpec, clean(spec)),
      }
      const created = await createUnderFirstName(caller.host, object, names, signal)
      return detailOf(parseInput(Release, created), signal)
    },
    'releases.freeze': ({ params, caller, exchange }) =>
      change(params, caller, exchange.signal, (spec) => {
        if (spec.rejected !== undefined)
          throw new FlotillaError('request.conflict', {
            message: `Release ${params.release} was rejected`,
            remedy: 'Make another release',
          })
        return spec.freeze ? spec : { ...spec, freeze: true, authors: withAuthor(spec, caller) }
      }),
    'releases.reject': ({ params, body, caller, exchange }) => {
      const release = state.releases.get(projectNamespace(params.project), params.release)
      const phase = release?.status?.phase
      if (phase !== undefined && phase !== 'Draft' && phase !== 'Frozen')
        throw new FlotillaError('request.conflict', {
          message: `Release ${params.release} is ${phase}; only a draft or a frozen one is rejected`,
          remedy: remedyFor(release),
        })
      return change(params, caller, exchange.signal, (spec) =>
        spec.rejected === undefined ? { ...spec, rejected: { by: caller.identity.user, reason: body.reason } } : spec,
      )
    },
    'releases.difference': ({ params, query, exchange }) => {
      const release = releaseOf(params)
      const against = query.against === undefined ? undefined : releaseOf({ ...params, release: query.against })
      const { cluster, namespace, component } = query
      return withinTime(params.release, exchange.signal, (signal) =>
        deps.releases.difference({ release, against, clusters: cluster, namespace, components: component, signal }),
      )
    },
    'approvals.give': ({ params, body, caller, exchange }) =>
      giveApproval(services, people, { project: params.project, body, caller, signal: exchange.signal }),
  }
}

/** A release of what is delivered directly can be looked at, and never goes out. */
function directFindings(state: Services['deps']['state'], { metadata, spec, status }: ReleaseObject): Finding[] {
  const application = state.applications.get(metadata.namespace ?? '', spec.application)
  const isOpen = ['Draft', 'Frozen'].includes(status?.phase ?? 'Draft') && spec.rejected === undefined
  if (!isOpen || application === undefined || application.spec.mode === 'governed') return []
  const message = `${spec.application} is delivered as it is edited, so that no release of it goes out: set spec.mode: governed in its document, and apply that`
  return [{ severity: 'Warning', code: 'release.direct', message, field: 'spec.mode' }]
}

const withAuthor = ({ authors }: ReleaseSpec, { identity }: Caller): string[] => [
  ...new Set([...authors, identity.user]),
]

/** Absent fields are left out: an API server takes null for something that was said. */
const clean = (spec: ReleaseSpec): unknown => JSON.parse(JSON.stringify(spec))

function runningIn(
  state: Services['deps']['state'],
  { metadata, spec }: ReleaseObject,
  target: { readonly cluster: string; readonly namespace: string },
) {
  return state.deliveries
    .list(metadata.namespace)
    .find(
      (delivery) =>
        delivery.spec.application.name === spec.application &&
        delivery.spec.target.cluster === target.cluster &&
        delivery.spec.target.namespace === target.namespace,
    )?.spec.desired
}

type ReleaseQuery = z.output<Contract['releases.list']['query']>

function matches(row: ReleaseRow, query: ReleaseQuery): boolean {
  if (query.project !== undefined && !query.project.includes(row.project)) return false
  if (query.application !== undefined && !query.application.includes(row.application)) return false
  if (query.phase !== undefined && !query.phase.includes(row.phase)) return false
  const words = (query.q ?? '').toLowerCase().split(/\s+/).filter(Boolean)
  if (words.length === 0) return true
  const text = [row.name, row.title ?? '', row.application, row.project, ...row.tickets].join('\n').toLowerCase()
  return words.every((word) => text.includes(word))
}

function releaseOrder(sort: ReleaseQuery['sort']): (a: ReleaseRow, b: ReleaseRow) => number {
  const turn = sort.startsWith('-') ? -1 : 1
  switch (sort) {
    case 'created':
    case '-created':
      return (a, b) => turn * compareText(a.createdAt, b.createdAt)
    case 'name':
    case '-name':
      return (a, b) => turn * compareText(a.name, b.name)
    default:
      return sort satisfies never
  }
}
