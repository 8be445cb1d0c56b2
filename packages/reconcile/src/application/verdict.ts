import { type Finding, type NewCondition, targetKey } from '@flotilla/model'
import { nameSome } from '../name-some.ts'
import type { StatusQuestion, TargetView } from './status.ts'

type Verdict = Pick<NewCondition, 'status' | 'reason' | 'message'>

const longest = 1000

/** What an application is about, in one sentence: the first thing that somebody would want to know. */
export function computeVerdict(
  question: StatusQuestion,
  views: readonly TargetView[] | undefined,
  findings: readonly Finding[],
): Verdict {
  const verdict = judge(question, views, findings)
  const { released } = question
  if (released === undefined || verdict.reason === 'AwaitsRelease') return verdict
  return { ...verdict, message: bounded(`${verdict.message}; ${released}`) }
}

function judge(
  question: StatusQuestion,
  views: readonly TargetView[] | undefined,
  findings: readonly Finding[],
): Verdict {
  const { object, blocked, removing, released } = question
  const no = (reason: string, message: string): Verdict => ({ status: 'False', reason, message: bounded(message) })
  if (removing !== undefined) return no('Removing', removing)
  if (object.spec.paused) return no('Paused', `Paused: nothing is written to any cluster${healthText(views)}`)
  if (blocked !== undefined) return no('Blocked', `Nothing is delivered: ${blocked}`)
  if (views === undefined) return no('Blocked', 'Nothing is delivered: its targets are not known')
  if (views.length === 0 && released !== undefined) return no('AwaitsRelease', sentence(released))
  if (views.length === 0) return no('NoTargets', 'Its placement matches no target of the project')
  const source = findings.find(({ severity, code }) => severity === 'Error' && code.startsWith('source.'))
  if (source !== undefined)
    return no('SourceFailed', `${source.component ?? 'A source'} cannot be read: ${source.message}`)
  const error = findings.find(({ severity }) => severity === 'Error')
  if (error !== undefined) {
    const where = error.cluster === undefined ? '' : ` for ${error.cluster}`
    return no('RenderFailed', `${error.component ?? 'It'} cannot be rendered${where}: ${error.message}`)
  }
  const failing = views.filter(({ health }) => health === 'Failed' || health === 'Degraded')
  const [worst] = failing.sort((a, b) => Number(b.health === 'Failed') - Number(a.health === 'Failed'))
  if (worst !== undefined) {
    const more = failing.length > 1 ? ` and ${failing.length - 1} more` : ''
    const why = worst.delivery?.status?.message ?? `it is ${worst.health}`
    return no('Unhealthy', `Failing in ${worst.target.cluster}${more}: ${why}`)
  }
  const stopped = views.find(({ delivery, current }) => !current && delivery?.status?.phase === 'Failed')
  if (stopped !== undefined) {
    const why = stopped.delivery?.status?.message ?? 'the last attempt failed'
    return no('DeliveryFailed', `Not delivered to ${stopped.target.cluster}: ${why}`)
  }
  const seen = views.filter(({ health }) => health !== 'Unknown')
  const behind = seen.filter(({ current }) => !current)
  if (behind.length > 0) {
    const held = behind.find(({ move }) => move?.move === 'held')
    const why =
      held?.move?.move === 'held' ? `; ${held.target.cluster} is held: ${held.move.reason}` : describeWork(behind)
    return no('Progressing', `Delivering: ${seen.length - behind.length} of ${views.length} targets are current${why}`)
  }
  const unwell = seen.find(({ health }) => health !== 'Healthy' && health !== 'Suspended')
  if (unwell !== undefined) {
    const why = unwell.delivery?.status?.message ?? `it is ${unwell.health}`
    return no('Progressing', `Not healthy yet in ${unwell.target.cluster}: ${why}`)
  }
  const lost = views.filter(({ health }) => health === 'Unknown')
  const [first] = lost
  if (first !== undefined) {
    const since = first.delivery?.status?.unknownSince
    const more = lost.length > 1 ? ` and ${lost.length - 1} more` : ''
    const when = since === undefined ? '' : ` since ${since}`
    const message = `Healthy in ${seen.length} of ${views.length} targets; ${first.target.cluster}${more} cannot be seen${when}`
    return { status: 'Unknown', reason: 'ClusterLost', message }
  }
  return {
    status: 'True',
    reason: 'Healthy',
    message: `Healthy in ${views.length === 1 ? 'its target' : `all ${views.length} targets`}${standbyText(views)}`,
  }
}

function standbyText(views: readonly TargetView[]): string {
  const names = views.flatMap(({ delivery, target }) => (delivery?.spec.standby === true ? [targetKey(target)] : []))
  if (names.length === 0) return ''
  return `; nothing in ${nameSome(names, 3)} acts by itself, which is in standby`
}

function describeWork(behind: readonly TargetView[]): string {
  const [first] = behind
  const waitingFor = first?.delivery?.status?.waitingFor
  if (first === undefined || waitingFor === undefined) return ''
  return `; ${first.target.cluster} waits for ${waitingFor}`
}

function healthText(views: readonly TargetView[] | undefined): string {
  if (views === undefined || views.length === 0) return ''
  const healthy = views.filter(({ health }) => health === 'Healthy').length
  return `; healthy in ${healthy} of ${views.length} targets`
}

const sentence = (text: string): string => `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`

const bounded = (text: string): string => (text.length <= longest ? text : `${text.slice(0, longest)}…`)
