import { createBrowserRouter, redirect } from 'react-router'
import { BrokenPage, NotFoundPage } from './shell/broken-page.tsx'
import { Shell } from './shell/shell.tsx'

/** Each page is a chunk of its own, read when it is first opened. */
export const router = createBrowserRouter([
  { path: '/sign-in', lazy: async () => ({ Component: (await import('./sign-in/sign-in-page.tsx')).SignInPage }) },
  {
    path: '/sign-in/callback/:provider',
    HydrateFallback: () => null,
    lazy: async () => {
      const { CallbackPage, finishSignIn } = await import('./sign-in/callback-page.tsx')
      return { Component: CallbackPage, loader: finishSignIn }
    },
  },
  { path: '/password', lazy: async () => ({ Component: (await import('./sign-in/password-page.tsx')).PasswordPage }) },
  {
    path: '/',
    Component: Shell,
    HydrateFallback: () => null,
    ErrorBoundary: BrokenPage,
    children: [
      { index: true, loader: () => redirect('/apps') },
      { path: 'apps', lazy: async () => ({ Component: (await import('./apps/apps-page.tsx')).AppsPage }) },
      { path: 'apps/new', lazy: async () => ({ Component: (await import('./editor/create-page.tsx')).CreatePage }) },
      {
        path: 'apps/:project/:application/edit',
        lazy: async () => ({ Component: (await import('./editor/edit-page.tsx')).EditPage }),
      },
      {
        path: 'apps/:project/:application/:tab?',
        lazy: async () => ({ Component: (await import('./app/app-page.tsx')).AppPage }),
      },
      {
        path: 'releases',
        lazy: async () => ({ Component: (await import('./releases/releases-page.tsx')).ReleasesPage }),
      },
      {
        path: 'releases/:project/:release/:tab?',
        lazy: async () => ({ Component: (await import('./releases/release-page.tsx')).ReleasePage }),
      },
      { path: 'history', lazy: async () => ({ Component: (await import('./runs/runs-page.tsx')).RunsPage }) },
      {
        path: 'fleet/:cluster?',
        lazy: async () => ({ Component: (await import('./fleet/fleet-page.tsx')).FleetPage }),
      },
      { path: 'resources', loader: ({ request }) => redirect(`/resources/pods${new URL(request.url).search}`) },
      {
        path: 'resources/:kind',
        lazy: async () => ({ Component: (await import('./resources/resources-page.tsx')).ResourcesPage }),
      },
      { path: 'access', loader: () => redirect('/access/workspaces') },
      {
        path: 'access/workspaces',
        lazy: async () => ({ Component: (await import('./workspaces/workspaces-page.tsx')).WorkspacesPage }),
      },
      {
        path: 'access/workspaces/:workspace/:tab?',
        lazy: async () => ({ Component: (await import('./workspaces/workspace-page.tsx')).WorkspacePage }),
      },
      {
        path: 'access/projects/:project/:tab?',
        lazy: async () => ({ Component: (await import('./workspaces/project-page.tsx')).ProjectPage }),
      },
      {
        path: 'access/people',
        lazy: async () => ({ Component: (await import('./people/people-page.tsx')).PeoplePage }),
      },
      {
        path: 'access/people/:person',
        lazy: async () => ({ Component: (await import('./people/person-page.tsx')).PersonPage }),
      },
      {
        path: 'access/audit',
        lazy: async () => ({ Component: (await import('./audit/audit-page.tsx')).AuditPage }),
      },
      {
        path: 'access/platform',
        lazy: async () => ({ Component: (await import('./people/platform-page.tsx')).PlatformPage }),
      },
      {
        path: 'access/roles',
        lazy: async () => ({ Component: (await import('./people/roles-page.tsx')).RolesPage }),
      },
      {
        path: 'access/accounts',
        lazy: async () => ({ Component: (await import('./people/accounts-page.tsx')).AccountsPage }),
      },
      {
        path: 'access/sign-in',
        lazy: async () => ({ Component: (await import('./providers/providers-page.tsx')).ProvidersPage }),
      },
      {
        path: 'command-line',
        lazy: async () => ({ Component: (await import('./sign-in/command-line-page.tsx')).CommandLinePage }),
      },
      {
        path: 'tokens',
        lazy: async () => ({ Component: (await import('./tokens/tokens-page.tsx')).TokensPage }),
      },
      { path: '*', Component: NotFoundPage },
    ],
  },
])
