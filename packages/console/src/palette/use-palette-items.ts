import { resourceNames } from '@flotilla/api'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useNavigate } from 'react-router'
import { allowed } from '../actions/action.ts'
import { useText } from '../i18n/text.ts'
import { useClusterFilter } from '../place/use-cluster-filter.ts'
import { setPreference } from '../preferences/use-preferences.ts'
import { api } from '../query/api.ts'
import { useAccess } from '../query/use-access.ts'
import { useReadsAudit } from '../query/use-reads-audit.ts'
import { useClusters, useProjects } from '../query/use-fleet.ts'
import { useWorkspaces } from '../query/use-tenants.ts'
import { listPageActions } from './page-actions.ts'
import type { PaletteItem } from './rank-items.ts'

/** Everything that the palette can find: objects by the server's own search, places, actions. */
export function usePaletteItems(text: string): PaletteItem[] {
  const { t } = useText()
  const navigate = useNavigate()
  const { carry } = useClusterFilter()
  const { data: clusters = [] } = useClusters()
  const { data: projects = [] } = useProjects()
  const { data: workspaces = [] } = useWorkspaces()
  const [seesPeople = allowed] = useAccess([{ verb: 'list', resource: 'users' }])
  const readsAudit = useReadsAudit()
  const q = text.trim()
  const { data: found } = useQuery({
    queryKey: ['palette', q],
    queryFn: ({ signal }) => api.applications.list({ query: { limit: 8, ...(q === '' ? {} : { q }) }, signal }),
    staleTime: 10_000,
    placeholderData: keepPreviousData,
  })
  const go = (path: string) => () => void navigate(carry(path))
  const item = (group: PaletteItem['group'], label: string, run: () => void, more: Partial<PaletteItem> = {}) => ({
    id: `${group}:${label}:${more.hint ?? ''}`,
    group,
    label,
    may: allowed,
    run,
    ...more,
  })
  return [
    ...(found?.items ?? []).map(({ project, name }) =>
      item('applications', name, go(`/apps/${project}/${name}`), { hint: project, words: [`${project}/${name}`, q] }),
    ),
    ...clusters.map(({ name, labels }) =>
      item('clusters', name, go(`/fleet/${name}`), { hint: labels['region'] ?? '', words: Object.values(labels) }),
    ),
    item('places', t.shell.apps, go('/apps'), { words: ['Apps', '应用'] }),
    item('places', t.releases.title, go('/releases'), { words: ['Releases', '发布'] }),
    item('places', t.runs.title, go('/history'), { words: ['History', '运行历史'] }),
    item('actions', t.releases.create, go('/releases?open=new'), { words: ['New release', '新建发布'] }),
    ...workspaces.map(({ name, displayName = '' }) =>
      item('places', name, go(`/access/workspaces/${name}`), { hint: t.workspaces.workspace, words: [displayName] }),
    ),
    ...projects.map(({ name, displayName = '', workspace }) =>
      item('places', name, go(`/access/projects/${name}`), {
        hint: `${t.projects.project} · ${workspace}`,
        words: [displayName],
      }),
    ),
    item('places', t.shell.fleet, go('/fleet'), { words: ['Fleet', '集群'] }),
    ...resourceNames.map((name) =>
      item('places', t.resources.kinds[name], go(`/resources/${name}`), { hint: t.resources.title, words: [name] }),
    ),
    item('places', t.workspaces.title, go('/access/workspaces'), {
      words: ['Workspaces', 'Access', '工作空间', '访问控制'],
    }),
    ...(seesPeople.allowed
      ? [
          item('places', t.people.title, go('/access/people'), {
            words: ['People', 'Users', 'Access', '人员', '访问控制'],
          }),
        ]
      : []),
    item('places', t.tokens.title, go('/tokens'), { words: ['API tokens', 'API 令牌'] }),
    ...(seesPeople.allowed
      ? [
          item('places', t.roles.title, go('/access/roles'), { words: ['Roles', '角色'] }),
          item('places', t.accounts.title, go('/access/accounts'), { words: ['Service accounts', '服务账号'] }),
          item('places', t.providers.title, go('/access/sign-in'), {
            words: ['Sign-in', 'Identity providers', '登录方式'],
          }),
        ]
      : []),
    ...(readsAudit ? [item('places', t.audit.title, go('/access/audit'), { words: ['Audit', 'Log', '审计'] })] : []),
    ...listPageActions().map((action) => Object.assign({ group: 'actions' as const }, action)),
    item('actions', t.palette.newApplication, go('/apps/new'), { words: ['New application', '新建应用'] }),
    item('actions', t.palette.addCluster, go('/fleet?add=1'), { words: ['Add cluster', '添加集群'] }),
    item('actions', t.palette.useTheme(t.shell.light), () => setPreference({ theme: 'light' })),
    item('actions', t.palette.useTheme(t.shell.dark), () => setPreference({ theme: 'dark' })),
    item('actions', t.palette.useTheme(t.shell.system), () => setPreference({ theme: 'system' })),
    item('actions', t.palette.useLanguage('中文'), () => setPreference({ language: 'zh-CN' }), { words: ['Chinese'] }),
    item('actions', t.palette.useLanguage('English'), () => setPreference({ language: 'en' }), { words: ['英文'] }),
  ]
}
