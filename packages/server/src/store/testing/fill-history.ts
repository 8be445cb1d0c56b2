/** Statements that both databases know: runs of 100 applications in 10 clusters, each closed by the next but the last. */
export function fillHistory(runs: number): readonly string[] {
  const until = `CASE WHEN n > ${runs - 1_000} THEN NULL ELSE n + 1000 END`
  const numbers = `WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ${runs})`
  const [app, cluster, version] = ['(n % 100)', '(n / 100 % 10)', '(n / 1000)']
  return [
    `INSERT INTO history_runs (delivery_uid, project_uid, project, application, cluster, namespace, component, version, digest,
       images, release, approved_by, from_at, until_at)
     ${numbers} SELECT 'filled', 'uid-' || ${app}, 'p-' || ${app}, 'app-' || ${app}, 'c-' || ${cluster}, 'ns', 'web', 'v',
       'sha256:x', '[]', 'r-' || ${version}, '[]', n, ${until} FROM numbers`,
    `INSERT INTO history_images
     SELECT id, 0, 'registry.test/' || application, 'registry.test/' || application || ':' || (from_at / 1000),
       'sha256:' || substr(application, 5) || '-' || (from_at / 1000), from_at, until_at
     FROM history_runs WHERE delivery_uid = 'filled'`,
  ]
}
