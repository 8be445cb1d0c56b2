export const palette = {
  title: 'Search or run',
  placeholder: 'An application, a cluster, a place, an action…',
  places: 'Places',
  actions: 'Actions',
  applications: 'Applications',
  clusters: 'Clusters',
  nothing: (text: string) => `Nothing called “${text}”`,
  hint: '↑ ↓ choose · Enter open · Esc close',
  useTheme: (name: string) => `Theme: ${name}`,
  useLanguage: (name: string) => `Language: ${name}`,
  newApplication: 'New application…',
  addCluster: 'Add a cluster…',
} as const
