import type { PersonDetail } from '@flotilla/api'
import { type Action, allOf, allowed, refused } from '../actions/action.ts'
import { problemLine } from '../components/problem.tsx'
import { useText } from '../i18n/text.ts'
import { notify } from '../notices/notices.ts'
import { usePageActions } from '../palette/page-actions.ts'
import { useAccess } from '../query/use-access.ts'
import { useSession } from '../query/use-session.ts'
import { editPerson } from './edit-person.tsx'

/** What can be done about one person now. */
export function usePersonActions({ name, disabled }: PersonDetail, open: (what: string) => void): Action[] {
  const { t } = useText()
  const me = useSession().data?.person.name
  const [mayUpdate = allowed] = useAccess([{ verb: 'update', resource: 'users', name }])
  const other = me === name ? refused(t.people.notYourself) : allowed
  const enable = async () => {
    try {
      await editPerson(name, { disabled: false })
      notify(t.people.enabledNow(name))
    } catch (error) {
      notify(problemLine(error, t), { bad: true })
    }
  }
  const actions: Action[] = [
    { id: 'person.edit', label: t.people.edit, may: mayUpdate, run: () => open('edit') },
    { id: 'person.password', label: t.people.newPassword, may: mayUpdate, run: () => open('password') },
    disabled
      ? { id: 'person.enable', label: t.people.enable, may: mayUpdate, primary: true, run: enable }
      : {
          id: 'person.disable',
          label: t.people.disable,
          may: allOf(mayUpdate, other),
          danger: true,
          run: () => open('disable'),
        },
  ]
  usePageActions(actions)
  return actions
}
