import type { MemberRow } from '@flotilla/api'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useId, useState } from 'react'
import { allOf, allowed, type May, refused } from '../actions/action.ts'
import { ActionButton } from '../actions/action-button.tsx'
import { Problem } from '../components/problem.tsx'
import { useText } from '../i18n/text.ts'
import { api } from '../query/api.ts'
import { keys } from '../query/keys.ts'
import { useFoundPeople } from '../query/use-people.ts'
import { giveGroupRole, giveRole } from './change-roles.ts'
import { useRoleChoices } from './use-role-choices.ts'
import { type RolePlace, usualRole } from './role-place.ts'

interface AddMemberProps {
  readonly place: RolePlace
  readonly members: readonly MemberRow[]
  readonly may: May
}

/** Gives somebody a role. Names are offered from the second letter on; what the role may do stands beside it. */
export function AddMember({ place, members, may }: AddMemberProps) {
  const { t } = useText()
  const choices = useRoleChoices(place)
  const list = useId()
  const about = useId()
  const [user, setUser] = useState('')
  /** Whose group it is; empty for a person. */
  const [provider, setProvider] = useState('')
  const [role, setRole] = useState<string>(usualRole[place.scope])
  const found = useFoundPeople(place, may.allowed && provider === '' ? user : '')
  const name = user.trim()
  const { data: ways } = useQuery({ queryKey: keys.signInWays, queryFn: ({ signal }) => api.signIn.ways({ signal }) })
  const providers = ways?.providers ?? []
  const has = members.some((one) =>
    provider === '' ? one.user === name : one.group?.name === name && one.group.provider === provider,
  )
  const give = useMutation({
    mutationFn: () =>
      provider === '' ? giveRole(place, name, role, t) : giveGroupRole(place, { provider, name }, role, t),
    onSuccess: () => setUser(''),
  })
  const ready = name === '' ? refused(t.members.needName) : has ? refused(t.members.already(name)) : allowed
  const submit = allOf(may, ready)
  return (
    <form
      className={providers.length > 0 ? 'add-member with-groups' : 'add-member'}
      aria-label={t.members.add}
      onSubmit={(event) => {
        event.preventDefault()
        if (submit.allowed) give.mutate()
      }}
    >
      {providers.length > 0 && (
        <select
          className="input"
          aria-label={t.members.addWhom}
          value={provider}
          onChange={(event) => setProvider(event.target.value)}
        >
          <option value="">{t.members.addAPerson}</option>
          {providers.map((one) => (
            <option key={one.name} value={one.name}>
              {t.members.addAGroup(one.displayName ?? one.name)}
            </option>
          ))}
        </select>
      )}
      <input
        className="input"
        list={list}
        aria-label={provider === '' ? t.members.addPerson : t.members.addGroup}
        placeholder={provider === '' ? t.members.addPersonHint : t.members.addGroupHint}
        autoComplete="off"
        spellCheck={false}
        value={user}
        onChange={(event) => setUser(event.target.value)}
      />
      <datalist id={list}>
        {(found.data ?? []).map((one) => (
          <option key={one.name} value={one.name}>
            {one.displayName ?? one.name}
          </option>
        ))}
      </datalist>
      <select
        className="input"
        aria-label={t.members.addRole}
        aria-describedby={about}
        value={role}
        onChange={(event) => setRole(event.target.value)}
      >
        {choices.map((one) => (
          <option key={one.role} value={one.role}>
            {one.text}
          </option>
        ))}
      </select>
      <ActionButton
        action={{ id: 'member.add', label: t.members.addSubmit, may: submit, submit: true, run: () => undefined }}
      />
      <span id={about} className="sub">
        {choices.find((one) => one.role === role)?.may}
      </span>
      {give.isError && <Problem error={give.error} />}
    </form>
  )
}
