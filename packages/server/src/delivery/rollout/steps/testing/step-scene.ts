import type { Step } from '@flotilla/model'
import type { StepInHand } from '@flotilla/reconcile'
import type { StepContext } from '../step-runner.ts'

/** A step in hand as a rollout would have it, with what the test is about. */
export function stepInHand(
  given: Partial<Step> & Record<string, unknown>,
  more: Partial<StepInHand> & { readonly namespace?: string } = {},
): StepInHand {
  const { namespace = 'shop', ...rest } = more
  const name = given.name ?? 'step'
  const attempt = more.attempt ?? 1
  return {
    key: `prod/east/${namespace}/before/${name}/${attempt}`,
    ref: { stage: 'prod', target: { cluster: 'east', namespace }, step: name },
    list: 'before',
    attempt,
    step: { name, during: ['Release'], timeoutSeconds: 600, ...given },
    place: { cluster: 'east', namespace, delivery: 'shop.east', stage: 'prod' },
    since: '2026-01-01T00:00:00Z',
    ...rest,
  }
}

export const stepContext = (rollout = 'r1', more: Partial<StepContext> = {}): StepContext => ({
  rollout: { name: rollout, uid: `uid-${rollout}` },
  release: { name: 'shop-2', uid: 'uid-release', digest: 'sha256:r' },
  application: { name: 'shop', uid: 'uid-app' },
  project: { name: 'shop', uid: 'uid-project', scope: 'Namespaced' },
  action: 'Release',
  ...more,
})
