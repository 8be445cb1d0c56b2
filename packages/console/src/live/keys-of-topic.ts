import { keys } from '../query/keys.ts'

/** What of the query cache a topic of the stream keeps true; those that are always heard of have none to be named. */
export function keysOfTopic(topic: string): (readonly unknown[])[] {
  const [what = '', place = ''] = topic.split(':')
  const [project = '', name = ''] = place.split('/')
  switch (what) {
    case 'application':
      return [keys.application(project, name)]
    case 'releases':
      return [keys.releaseLists, keys.releaseCount, ['release']]
    case 'rollouts':
      return [['rollout']]
    case 'moves':
      return [['moves']]
    case 'rollout':
      return [keys.rollout(project, name)]
    default:
      return []
  }
}
