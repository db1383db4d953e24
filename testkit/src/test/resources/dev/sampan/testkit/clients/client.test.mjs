// @kubernetes/client-node against a Sampan cluster: KUBECONFIG names it.
import assert from 'node:assert/strict';
import net from 'node:net';
import {PassThrough} from 'node:stream';
import {beforeEach, afterEach, test} from 'node:test';
import * as k8s from '@kubernetes/client-node';

const config = new k8s.KubeConfig();
config.loadFromDefault();
const core = config.makeApiClient(k8s.CoreV1Api);
const apps = config.makeApiClient(k8s.AppsV1Api);
const objects = k8s.KubernetesObjectApi.makeApiClient(config);
const limit = {timeout: 60_000};
let namespace;
let count = 0;

beforeEach(async () => {
  namespace = `node-client-${++count}`;
  await core.createNamespace({body: {metadata: {name: namespace}}});
});

afterEach(() => core.deleteNamespace({name: namespace}));

/** What answer gives once it is neither undefined nor an error; the test's own limit ends the waiting. */
async function eventually(answer) {
  for (;;) {
    const value = await Promise.resolve().then(answer).catch(() => undefined);
    if (value !== undefined) {
      return value;
    }
    await new Promise(resolve => setTimeout(resolve, 50));
  }
}

const refused = (code, reason) => error => {
  assert.equal(error.code, code, error.message);
  assert.equal(JSON.parse(error.body).reason, reason);
  return true;
};

const configMap = (name, data = {}) => ({metadata: {name, labels: {app: 'test'}}, data});

async function runPod(name, ...command) {
  await eventually(() => core.readNamespacedServiceAccount({name: 'default', namespace}));
  const container = {name: 'c', image: 'busybox', command, stdin: true};
  const spec = {terminationGracePeriodSeconds: 0, containers: [container]};
  await core.createNamespacedPod({namespace, body: {metadata: {name}, spec}});
  return eventually(async () => {
    const pod = await core.readNamespacedPod({name, namespace});
    return pod.status.conditions?.some(c => c.type === 'Ready' && c.status === 'True') ? pod : undefined;
  });
}

/** All that a stream says until done(text) holds. */
function text(stream, done) {
  return new Promise((resolve, reject) => {
    let read = '';
    stream.on('data', chunk => {
      read += chunk;
      if (done(read)) {
        resolve(read);
      }
    });
    stream.on('error', reject);
    stream.on('end', () => resolve(read));
  });
}

test('creates, reads, replaces and deletes', limit, async () => {
  const created = await core.createNamespacedConfigMap({namespace, body: configMap('one', {a: '1'})});
  assert.ok(created.metadata.uid);
  await assert.rejects(core.createNamespacedConfigMap({namespace, body: configMap('one')}), refused(409, 'AlreadyExists'));
  const replaced = await core.replaceNamespacedConfigMap({name: 'one', namespace, body: {...created, data: {b: '2'}}});
  assert.deepEqual(replaced.data, {b: '2'});
  await assert.rejects(core.replaceNamespacedConfigMap({name: 'one', namespace, body: created}), refused(409, 'Conflict'));
  await assert.rejects(core.createNamespacedConfigMap({namespace, body: configMap('Not A Name')}), refused(422, 'Invalid'));
  await core.deleteNamespacedConfigMap({name: 'one', namespace});
  await assert.rejects(core.readNamespacedConfigMap({name: 'one', namespace}), refused(404, 'NotFound'));
});

test('lists in pages', limit, async () => {
  for (let i = 0; i < 5; i++) {
    await core.createNamespacedConfigMap({namespace, body: configMap(`map-${i}`)});
  }
  const labelSelector = 'app in (test)';
  const first = await core.listNamespacedConfigMap({namespace, labelSelector, limit: 2});
  const rest = await core.listNamespacedConfigMap({namespace, labelSelector, _continue: first.metadata._continue});
  assert.deepEqual(first.items.map(m => m.metadata.name), ['map-0', 'map-1']);
  assert.deepEqual(rest.items.map(m => m.metadata.name), ['map-2', 'map-3', 'map-4']);
});

test('patches in every way', limit, async () => {
  const labels = {app: 'web'};
  const containers = [{name: 'a', image: 'busybox'}, {name: 'b', image: 'busybox'}];
  const spec = {replicas: 0, selector: {matchLabels: labels}, template: {metadata: {labels}, spec: {containers}}};
  await apps.createNamespacedDeployment({namespace, body: {metadata: {name: 'web'}, spec}});
  const patch = (type, body, more = {}) => apps.patchNamespacedDeployment(
    {name: 'web', namespace, body, ...more}, k8s.setHeaderOptions('Content-Type', type));

  const strategic = await patch(k8s.PatchStrategy.StrategicMergePatch,
    {spec: {template: {spec: {containers: [{name: 'b', image: 'alpine'}]}}}});
  assert.deepEqual(strategic.spec.template.spec.containers.map(c => c.image).sort(), ['alpine', 'busybox']);
  const json = await patch(k8s.PatchStrategy.JsonPatch, [
    {op: 'test', path: '/spec/replicas', value: 0}, {op: 'add', path: '/metadata/labels', value: {x: 'y'}}]);
  assert.deepEqual(json.metadata.labels, {x: 'y'});
  const merge = await patch(k8s.PatchStrategy.MergePatch,
    {metadata: {labels: null}, spec: {template: {spec: {containers: [{name: 'only', image: 'busybox'}]}}}});
  assert.equal(merge.metadata.labels, undefined);
  assert.equal(merge.spec.template.spec.containers.length, 1);
  const apply = (fieldManager, replicas, force) => patch(k8s.PatchStrategy.ServerSideApply,
    {apiVersion: 'apps/v1', kind: 'Deployment', metadata: {name: 'web'}, spec: {replicas}}, {fieldManager, force});
  await apply('first', 0, true);
  await assert.rejects(apply('second', 1, false), refused(409, 'Conflict'));
  const forced = await apply('second', 1, true);
  assert.equal(forced.spec.replicas, 1);
  assert.ok(forced.metadata.managedFields.some(m => m.manager === 'second' && m.operation === 'Apply'));
});

test('handles any kind', limit, async () => {
  const job = {apiVersion: 'kubeflow.org/v1', kind: 'TFJob', metadata: {name: 'j', namespace}, spec: {}};
  await assert.rejects(objects.create(job), refused(422, 'Invalid'));
  const secret = {apiVersion: 'v1', kind: 'Secret', metadata: {name: 's', namespace}, stringData: {a: 'b'}};
  await objects.create(secret);
  assert.deepEqual((await objects.read(secret)).data, {a: 'Yg=='});
  const changed = await objects.patch({...secret, stringData: {a: 'c'}});
  assert.deepEqual(changed.data, {a: 'Yw=='});
  await objects.delete(secret);
});

test('watches from a revision', limit, async () => {
  const start = await core.createNamespacedConfigMap({namespace, body: configMap('before')});
  const seen = [];
  const path = `/api/v1/namespaces/${namespace}/configmaps`;
  const created = await core.createNamespacedConfigMap({namespace, body: configMap('m', {a: '1'})});
  await core.replaceNamespacedConfigMap({name: 'm', namespace, body: {...created, data: {a: '2'}}});
  await core.deleteNamespacedConfigMap({name: 'm', namespace});
  await new Promise((resolve, reject) => {
    const query = {resourceVersion: start.metadata.resourceVersion, labelSelector: 'app=test'};
    const watching = new k8s.Watch(config).watch(path, query, (type, object) => {
      seen.push(`${type} ${object.data.a}`);
      if (seen.length === 3) {
        watching.then(controller => controller.abort());
        resolve();
      }
    }, error => seen.length === 3 ? resolve() : reject(error ?? new Error('the watch ended')));
  });
  assert.deepEqual(seen, ['ADDED 1', 'MODIFIED 2', 'DELETED 2']);
});

test("keeps an informer's cache current", limit, async () => {
  await core.createNamespacedConfigMap({namespace, body: configMap('early')});
  const events = [];
  const informer = k8s.makeInformer(
    config, `/api/v1/namespaces/${namespace}/configmaps`, () => core.listNamespacedConfigMap({namespace, labelSelector: 'app=test'}),
    'app=test');
  informer.on('add', map => events.push(`added ${map.metadata.name}`));
  informer.on('update', map => events.push(`updated ${map.metadata.name}`));
  informer.on('delete', map => events.push(`deleted ${map.metadata.name}`));
  await informer.start();
  const late = await core.createNamespacedConfigMap({namespace, body: configMap('late')});
  await core.replaceNamespacedConfigMap({name: 'late', namespace, body: {...late, data: {a: '1'}}});
  await core.deleteNamespacedConfigMap({name: 'early', namespace});
  await eventually(() => events.length >= 4 ? true : undefined);
  assert.deepEqual(events, ['added early', 'added late', 'updated late', 'deleted early']);
  assert.deepEqual(informer.list().map(map => map.metadata.name), ['late']);
  await informer.stop();
});

test('follows a log', limit, async () => {
  await runPod('talker', 'sh', '-c', 'i=0; while :; do i=$((i+1)); echo line $i; sleep 0.1; done');
  const out = new PassThrough();
  const following = await new k8s.Log(config).log(namespace, 'talker', 'c', out, {follow: true});
  assert.ok((await text(out, t => t.split('\n').length > 3)).startsWith('line 1\nline 2\nline 3\n'));
  following.abort();
});

test('executes', limit, async () => {
  await runPod('box', 'sleep', '600');
  const [out, err, input] = [new PassThrough(), new PassThrough(), new PassThrough()];
  const errors = text(err, t => t.endsWith('\n'));
  const outputs = text(out, t => t.endsWith('\n'));
  const status = new Promise((resolve, reject) => new k8s.Exec(config).exec(namespace, 'box', 'c',
    ['sh', '-c', 'read -r x; echo out $x; echo err >&2; exit 7'], out, err, input, false, resolve).catch(reject));
  input.write('typed\n');
  assert.equal(await outputs, 'out typed\n');
  assert.equal(await errors, 'err\n');
  const ended = await status;
  assert.equal(ended.status, 'Failure');
  assert.deepEqual(ended.details.causes, [{reason: 'ExitCode', message: '7'}]);
});

test('attaches', limit, async () => {
  await runPod('reader', 'sh', '-c', 'while read -r line; do echo got $line; done');
  const [out, input] = [new PassThrough(), new PassThrough()];
  const said = text(out, t => t.endsWith('\n'));
  const socket = await new k8s.Attach(config).attach(namespace, 'reader', 'c', out, null, input, false);
  input.write('hello\n');
  assert.equal(await said, 'got hello\n');
  socket.close();
});

test('forwards a port', limit, async () => {
  const program = 'exec python3 -u -m http.server 8080 --bind $POD_IP';
  const pod = await runPod('web', 'sh', '-c', program);
  await eventually(() => new Promise((resolve, reject) => {
    const probe = net.connect(8080, pod.status.podIP, () => resolve(true)).on('error', reject);
    probe.on('connect', () => probe.end());
  }));
  const [out, err, input] = [new PassThrough(), new PassThrough(), new PassThrough()];
  const answer = text(out, t => t.includes('</html>'));
  const socket = await new k8s.PortForward(config).portForward(namespace, 'web', [8080], out, err, input);
  input.write('GET / HTTP/1.0\r\n\r\n');
  assert.match(await answer, /^HTTP\/1\.0 200 OK/);
  socket.close();
});
