import { type Action, allowed } from '../actions/action.ts'
import { useText } from '../i18n/text.ts'
import { useAccess } from '../query/use-access.ts'

/** What can be done with the fleet as a whole. */
export function useFleetActions(openAdd: () => void, openKubectl: () => void): Record<'add' | 'kubectl', Action> {
  const { t } = useText()
  const [mayAdd] = useAccess([{ verb: 'create', resource: 'clusters' }])
  const add: Action = {
    id: 'fleet.add',
    label: t.fleet.add,
    may: mayAdd ?? { allowed: true },
    primary: true,
    run: openAdd,
  }
  const kubectl: Action = { id: 'fleet.kubectl', label: t.kubectl.open, may: allowed, run: openKubectl }
  return { add, kubectl }
}
