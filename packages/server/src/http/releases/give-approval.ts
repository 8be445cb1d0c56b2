import { randomBytes } from 'node:crypto'
import type { ApprovalRow } from '@flotilla/api'
import type { Contract } from '@flotilla/api/contract'
import {
  apiVersion,
  FlotillaError,
  type KubeObject,
  personManager,
  projectNamespace,
  type Release,
  type Rollout,
} from '@flotilla/model'
import type { z } from 'zod'
import type { People } from '../../access/people.ts'
import { placeOf, rolesIn } from '../../delivery/rollout/observe-opening.ts'
import type { Caller, Services } from '../handler.ts'
import { notFound } from '../handlers/fleet-handlers.ts'
import { approvalRules } from './approval-rules.ts'
import { personName } from '../../access/person-name.ts'
import { weighApproval } from './weigh-approval.ts'

interface Given {
  readonly project: string
  readonly body: z.output<Contract['approvals.give']['body']>
  readonly caller: Caller
  readonly signal: AbortSignal
}

/**
 * Writes down somebody's yes or no, as themselves. Errors: `approval.void` where it would count at no step, as it is of somebody who
 * wrote what is in the release, or of one whom no step asks; `request.conflict` where something else is there by now.
 */
export async function giveApproval(
  { deps, releases }: Services,
  people: Pick<People, 'byUid'>,
  { project, body, caller, signal }: Given,
): Promise<ApprovalRow> {
  const { state } = deps
  const namespace = projectNamespace(project)
  const release = state.releases.get(namespace, body.release)
  if (release === undefined) throw notFound('release', body.release)
  const step = stepOf(body)
  const named =
    step === undefined ? undefined : runOf(state.rollouts.get(namespace, step.rollout), step.rollout, release)
  const isRollback = named?.spec.rollback !== undefined
  const digest = isRollback ? named.status?.snapshot?.release : release.status?.frozen?.digest
  checkDigest(body, digest)
  const rollout = named ?? releases.rolloutsOf(release).find(({ spec }) => spec.rollback === undefined)
  const stored = rollout?.status?.snapshot?.document
  const document = stored === undefined ? undefined : await deps.rolloutDocuments.get(stored)
  const rules = approvalRules({ state, release, rollout, document })
  if (step !== undefined && !rules.some((rule) => rule.stage === step.stage && rule.step === step.step))
    throw new FlotillaError('input.invalid', {
      message: `${step.rollout} has no approval step ${step.stage}/${step.step}`,
      field: 'step',
      value: step.step,
      remedy: `See its steps: flotilla rollout status ${step.rollout}`,
    })
  const approver = caller.identity.user
  const authors = isRollback ? [named.spec.author] : (release.status?.frozen?.authors ?? release.spec.authors)
  // with all that they are, as the rollout counts them, however narrow the token is that they use now
  const person = people.byUid(caller.person.uid) ?? caller.person
  const place = placeOf(state, namespace)
  const roles = place === undefined ? [] : rolesIn(person, place)
  const word = { approver, userName: person.name, roles, digest: body.digest, step }
  const reason = weighApproval(word, { rules, digest, authors })
  if (reason !== undefined) throw refusalOf(reason, body)

  const object: KubeObject = {
    apiVersion,
    kind: 'Approval',
    metadata: { name: `${body.release.slice(0, 50)}-${randomBytes(5).toString('hex')}`, namespace },
    spec: {
      release: body.release,
      digest: body.digest,
      decision: body.decision,
      approver,
      ...(body.note === undefined ? {} : { note: body.note }),
      ...(step === undefined ? {} : { step }),
    },
  }
  const written = await caller.host.create(object, { fieldManager: personManager, signal })
  return {
    name: object.metadata.name,
    by: personName(state, approver),
    decision: body.decision,
    note: body.note,
    at: written.metadata.creationTimestamp ?? '',
    ...(step === undefined ? {} : { step: `${step.stage}/${step.step}`, rollout: step.rollout }),
    current: true,
  }
}

function stepOf({ rollout, stage, step }: Given['body']) {
  if (rollout !== undefined && stage !== undefined && step !== undefined) return { rollout, stage, step }
  if (rollout === undefined && stage === undefined && step === undefined) return undefined
  throw new FlotillaError('input.invalid', {
    message: 'A step is named by rollout, stage and step together',
    field: 'step',
    remedy: 'Name all three, or none to approve the whole release',
  })
}

function runOf(rollout: Rollout | undefined, name: string, { metadata }: Release): Rollout {
  if (rollout !== undefined && rollout.spec.release === metadata.name) return rollout
  throw notFound(`rollout of ${metadata.name}`, name)
}

function checkDigest({ release, digest }: Given['body'], now: string | undefined): void {
  if (digest === now) return
  throw new FlotillaError('request.conflict', {
    message:
      now === undefined
        ? `Release ${release} is not frozen yet: there is nothing to approve`
        : `Release ${release} is not what was looked at`,
    field: 'digest',
    remedy: `Look at its difference again: flotilla release diff ${release}`,
  })
}

function refusalOf(
  reason: NonNullable<ApprovalRow['voidBecause']>,
  { release, decision }: Given['body'],
): FlotillaError {
  const what = decision === 'Approved' ? 'approval' : 'rejection'
  if (reason === 'author')
    return new FlotillaError('approval.void', {
      message: `You wrote what is in ${release}, or an edit of its application that is in it: your ${what} would count for nothing`,
      remedy:
        decision === 'Approved'
          ? 'Ask somebody else to approve it; flotilla release show names who wrote it'
          : `To take your own release back: flotilla release reject ${release}`,
    })
  return new FlotillaError('approval.void', {
    message: `No approval step of ${release} asks you: your ${what} would count for nothing`,
    remedy: 'Ask one of those whom the step names: flotilla plan show, or flotilla rollout status',
  })
}
