import type { RunRow, WhereRow } from '@flotilla/api'
import type { Answers } from './fixture-answers.ts'
import { ago } from './fixture-release-rows.ts'

const clusters = ['hub', 'east', 'west', 'edge-07']

const ran = (cluster: string, index: number): RunRow[] => [
  {
    project: 'shop',
    workspace: 'retail',
    application: 'cart',
    cluster,
    namespace: 'shop-prod',
    environment: 'prod',
    component: 'web',
    version: '2.3.0',
    digest: 'sha256:1',
    images: ['registry.fixture.invalid/web:1.4.3'],
    release: 'cart-42',
    rollout: 'cart-42-1',
    author: 'dora',
    approvedBy: ['omar'],
    from: ago(20 + index),
  },
  {
    project: 'shop',
    workspace: 'retail',
    application: 'cart',
    cluster,
    namespace: 'shop-prod',
    environment: 'prod',
    component: 'web',
    version: '2.2.4',
    digest: 'sha256:2',
    images: ['registry.fixture.invalid/web:1.4.2'],
    ...(index === 0 ? {} : { release: 'cart-41', rollout: 'cart-41-1' }),
    author: 'dora',
    approvedBy: [],
    from: ago(9000 + index),
    until: ago(20 + index),
  },
]

const now = (cluster: string): WhereRow => ({
  project: 'shop',
  application: 'cart',
  component: 'web',
  cluster,
  namespace: 'shop-prod',
  environment: 'prod',
  image: 'registry.fixture.invalid/web:1.4.3',
  version: '2.3.0',
  release: 'cart-42',
  health: cluster === 'west' ? 'Failed' : cluster === 'edge-07' ? 'Unknown' : 'Healthy',
  since: ago(20),
  ...(cluster === 'edge-07' ? { unknownSince: ago(130) } : {}),
})

/** Made-up answers about what ran where. */
export function runAnswers(): Answers {
  return {
    'history.list': ({ query }) => {
      const [cluster, image, running] = [query.get('cluster'), query.get('image'), query.get('running')]
      const items = clusters
        .flatMap(ran)
        .filter((row) => cluster === null || row.cluster === cluster)
        .filter((row) => image === null || row.images.some((one) => one.includes(image)))
        .filter((row) => running === null || row.until === undefined)
      return { items }
    },
    'history.where': ({ query }) => {
      const items = clusters.map(now).filter(({ image }) => image.includes(query.get('image') ?? ''))
      return { items, total: items.length, truncated: false }
    },
  }
}
