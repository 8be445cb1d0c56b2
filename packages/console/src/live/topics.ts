/**
 * What an open page wants to hear of: the lists always, those of releases where they are shown, and the one application
 * that it shows, with its moves.
 */
export function computeTopics(pathname: string): string[] {
  const topics = ['clusters', 'applications', 'projects', 'workspaces']
  const [, place, project, application] = pathname.split('/')
  if (place === 'apps' && project !== undefined && application !== undefined && application !== '') {
    topics.push(`application:${decodeURIComponent(project)}/${decodeURIComponent(application)}`, 'moves')
  }
  if (place === 'releases') topics.push('releases', 'rollouts')
  return topics
}
