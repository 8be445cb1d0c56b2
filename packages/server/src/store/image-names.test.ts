import assert from 'node:assert/strict'
import { test } from 'node:test'
import { namesInQuestion, namesOfImage } from './image-names.ts'

const images: readonly (readonly [string, string, string, string])[] = [
  ['nginx', 'docker.io/library/nginx', 'docker.io/library/nginx:latest', ''],
  ['nginx:1.27', 'docker.io/library/nginx', 'docker.io/library/nginx:1.27', ''],
  ['docker.io/nginx@sha256:1', 'docker.io/library/nginx', '', 'sha256:1'],
  ['index.docker.io/acme/web', 'docker.io/acme/web', 'docker.io/acme/web:latest', ''],
  ['acme/web:1', 'docker.io/acme/web', 'docker.io/acme/web:1', ''],
  ['localhost/web:1', 'localhost/web', 'localhost/web:1', ''],
  ['registry:5000/web:1@sha256:1', 'registry:5000/web', 'registry:5000/web:1', 'sha256:1'],
  ['ghcr.io/acme/team/web', 'ghcr.io/acme/team/web', 'ghcr.io/acme/team/web:latest', ''],
]
for (const [image, repository, tagged, digest] of images)
  test(`reads ${image} as a container runtime does`, () => {
    assert.deepEqual(namesOfImage(image), { repository, tagged, digest })
  })

test('asks for any tag and digest where none is named', () => {
  assert.deepEqual(namesInQuestion('nginx'), { repository: 'docker.io/library/nginx', tagged: '', digest: '' })
  assert.deepEqual(namesInQuestion('@sha256:1'), { repository: '', tagged: '', digest: 'sha256:1' })
})
