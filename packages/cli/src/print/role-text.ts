export interface ShownRole {
  readonly scope: 'platform' | 'workspace' | 'project'
  readonly workspace?: string | undefined
  readonly project?: string | undefined
  readonly role: string
}

/** `platform admin`, `workspace retail developer`, `project shop operator`. */
export function roleText({ scope, workspace = '', project = '', role }: ShownRole): string {
  switch (scope) {
    case 'platform':
      return `platform ${role}`
    case 'workspace':
      return `workspace ${workspace} ${role}`
    case 'project':
      return `project ${project} ${role}`
    default:
      return scope satisfies never
  }
}
