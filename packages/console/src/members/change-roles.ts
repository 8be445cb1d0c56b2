import type { MemberRow } from '@flotilla/api'
import { problemLine } from '../components/problem.tsx'
import type { Dictionary } from '../i18n/en.ts'
import { notify } from '../notices/notices.ts'
import { api } from '../query/api.ts'
import { editObject } from '../query/edit-object.ts'
import { refreshRoles } from '../query/use-tenants.ts'
import { writeDocument } from '../query/write-document.ts'
import { newMembership, whoOf } from './membership.ts'
import { roleName } from './role-name.ts'
import { placeNamespace, type RolePlace } from './role-place.ts'

type Granted = Pick<MemberRow, 'membership' | 'user' | 'group' | 'role'>

export async function giveRole(place: RolePlace, user: string, role: string, t: Dictionary): Promise<void> {
  await create(place, { membership: user, user, role })
  notify(t.members.given(user, roleName(t, { scope: place.scope, role })))
}

/** The same for everybody whom an identity provider has in a group. */
export async function giveGroupRole(
  place: RolePlace,
  group: NonNullable<MemberRow['group']>,
  role: string,
  t: Dictionary,
): Promise<void> {
  await create(place, {
    membership: `group-${crypto.getRandomValues(new Uint32Array(2)).join('-')}`,
    user: '',
    group,
    role,
  })
  notify(t.members.given(whoOf({ user: '', group }, t), roleName(t, { scope: place.scope, role })))
}

/** The same grant with another role. */
export async function changeRole(place: RolePlace, row: Granted, role: string, t: Dictionary): Promise<void> {
  await setRole(place, row, role)
  const undo = () => void undone(setRole(place, row, row.role), t)
  notify(t.members.given(whoOf(row, t), roleName(t, { scope: place.scope, role })), {
    action: { label: t.members.undo, run: undo },
  })
}

/** Takes the role at once; the notice gives it back. */
export async function takeRole(place: RolePlace, row: Granted, t: Dictionary): Promise<void> {
  const where = { namespace: placeNamespace(place) }
  try {
    await api.kinds.remove({ params: { kind: 'Membership', name: row.membership }, query: where })
  } catch (error) {
    notify(problemLine(error, t), { bad: true })
    return
  } finally {
    await refreshRoles()
  }
  const undo = () => void undone(create(place, row), t)
  notify(t.members.removed(whoOf(row, t), roleName(t, { scope: place.scope, role: row.role })), {
    action: { label: t.members.undo, run: undo },
  })
}

async function create(place: RolePlace, { membership, user, group, role }: Granted): Promise<void> {
  const documents = JSON.stringify(newMembership(place, user, role, membership, group))
  await writeDocument(api, { documents, mode: 'create' })
  await refreshRoles()
}

async function setRole(place: RolePlace, { membership }: Granted, role: string): Promise<void> {
  const where = { namespace: placeNamespace(place) }
  await editObject(api, { kind: 'Membership', name: membership, where }, (object) => ({
    ...object,
    spec: Object.assign({}, object['spec'], { role }),
  }))
  await refreshRoles()
}

async function undone(work: Promise<void>, t: Dictionary): Promise<void> {
  try {
    await work
  } catch (error) {
    notify(problemLine(error, t), { bad: true })
  }
}
