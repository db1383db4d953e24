"""Debian's python3-kubernetes against a Sampan cluster: KUBECONFIG names it."""
import json
import threading
import unittest
import uuid
from unittest import TestCase

from kubernetes import client, config, dynamic, utils, watch
from kubernetes.client.rest import ApiException
from kubernetes.dynamic.exceptions import ConflictError
from kubernetes.leaderelection import electionconfig, leaderelection
from kubernetes.leaderelection.resourcelock.configmaplock import ConfigMapLock
from kubernetes.stream import portforward, stream

config.load_kube_config()
core = client.CoreV1Api()
apps = client.AppsV1Api()


def config_map(name, **data):
    return client.V1ConfigMap(metadata=client.V1ObjectMeta(name=name, labels={"app": "test"}), data=data)


def pod(name, image, *command):
    return client.V1Pod(
        metadata=client.V1ObjectMeta(name=name),
        spec=client.V1PodSpec(
            restart_policy="Never",
            termination_grace_period_seconds=0,
            containers=[client.V1Container(name="c", image=image, command=list(command))]))


def deployment(name):
    labels = {"app": name}
    return client.V1Deployment(
        metadata=client.V1ObjectMeta(name=name),
        spec=client.V1DeploymentSpec(
            replicas=0,
            selector=client.V1LabelSelector(match_labels=labels),
            template=client.V1PodTemplateSpec(
                metadata=client.V1ObjectMeta(labels=labels),
                spec=client.V1PodSpec(containers=[
                    client.V1Container(name="a", image="busybox"), client.V1Container(name="b", image="busybox")]))))


class ClientTest(TestCase):
    def setUp(self):
        self.namespace = "py-" + uuid.uuid4().hex[:8]
        core.create_namespace(client.V1Namespace(metadata=client.V1ObjectMeta(name=self.namespace)))

    def tearDown(self):
        core.delete_namespace(self.namespace)

    def refused(self, code, reason):
        test = self

        class Refused:
            def __enter__(self):
                return self

            def __exit__(self, kind, error, trace):
                test.assertIsInstance(error, ApiException)
                test.assertEqual((code, reason), (error.status, client.ApiClient().deserialize(
                    type("R", (), {"data": error.body}), "object")["reason"]))
                return True
        return Refused()

    def run_pod(self, name, image, *command):
        for _ in watch.Watch().stream(core.list_namespaced_service_account, self.namespace, timeout_seconds=60):
            break  # The controller has made the account that pods run under.
        core.create_namespaced_pod(self.namespace, pod(name, image, *command))
        for event in watch.Watch().stream(
                core.list_namespaced_pod, self.namespace, field_selector="metadata.name=" + name, timeout_seconds=60):
            if any(c.type == "Ready" and c.status == "True" for c in event["object"].status.conditions or []):
                return event["object"]
        self.fail(name + " did not get ready")

    def test_create_read_replace_delete(self):
        created = core.create_namespaced_config_map(self.namespace, config_map("one", a="1"))
        self.assertTrue(created.metadata.uid)
        with self.refused(409, "AlreadyExists"):
            core.create_namespaced_config_map(self.namespace, config_map("one"))
        created.data["b"] = "2"
        replaced = core.replace_namespaced_config_map("one", self.namespace, created)
        self.assertEqual({"a": "1", "b": "2"}, replaced.data)
        with self.refused(409, "Conflict"):
            core.replace_namespaced_config_map("one", self.namespace, created)
        status = core.delete_namespaced_config_map("one", self.namespace)
        self.assertEqual("Success", status.status)
        with self.refused(404, "NotFound"):
            core.read_namespaced_config_map("one", self.namespace)

    def test_list_pages_and_selectors(self):
        for i in range(5):
            core.create_namespaced_config_map(self.namespace, config_map("map-%d" % i))
        first = core.list_namespaced_config_map(self.namespace, label_selector="app in (test)", limit=2)
        self.assertEqual(["map-0", "map-1"], [m.metadata.name for m in first.items])
        rest = core.list_namespaced_config_map(self.namespace, label_selector="app in (test)",
                                               _continue=first.metadata._continue)
        self.assertEqual(["map-2", "map-3", "map-4"], [m.metadata.name for m in rest.items])
        named = core.list_config_map_for_all_namespaces(field_selector="metadata.namespace=" + self.namespace)
        self.assertLessEqual(5, len(named.items))
        core.delete_collection_namespaced_config_map(self.namespace, label_selector="app=test")
        self.assertEqual([], core.list_namespaced_config_map(self.namespace, label_selector="app=test").items)

    def test_patches(self):
        apps.create_namespaced_deployment(self.namespace, deployment("web"))
        strategic = {"spec": {"template": {"spec": {"containers": [{"name": "b", "image": "alpine"}]}}}}
        got = apps.patch_namespaced_deployment("web", self.namespace, strategic)
        self.assertEqual([("a", "busybox"), ("b", "alpine")],
                         sorted((c.name, c.image) for c in got.spec.template.spec.containers))
        json_patch = [{"op": "test", "path": "/spec/template/spec/containers/0/name", "value": "a"},
                      {"op": "replace", "path": "/spec/replicas", "value": 2},
                      {"op": "add", "path": "/metadata/labels", "value": {"x": "y"}}]
        got = apps.patch_namespaced_deployment("web", self.namespace, json_patch)
        self.assertEqual((2, {"x": "y"}), (got.spec.replicas, got.metadata.labels))
        scaled = apps.patch_namespaced_deployment_scale("web", self.namespace, {"spec": {"replicas": 0}})
        self.assertEqual(0, scaled.spec.replicas)

        dyn = dynamic.DynamicClient(client.ApiClient())
        deployments = dyn.resources.get(api_version="apps/v1", kind="Deployment")
        merge = {"metadata": {"labels": None}, "spec": {"template": {"spec": {"containers": [
            {"name": "only", "image": "busybox"}]}}}}
        got = deployments.patch(name="web", namespace=self.namespace, body=merge,
                                content_type="application/merge-patch+json")
        self.assertEqual(["only"], [c.name for c in got.spec.template.spec.containers])
        self.assertIsNone(got.metadata.labels)

    def test_server_side_apply(self):
        maps = dynamic.DynamicClient(client.ApiClient()).resources.get(api_version="v1", kind="ConfigMap")

        def apply(manager, value, force):
            body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "shared"}, "data": {"key": value}}
            return maps.server_side_apply(body=json.dumps(body), name="shared", namespace=self.namespace,
                                          field_manager=manager, force_conflicts=force)
        apply("first", "ours", False)
        with self.assertRaises(ConflictError) as conflict:
            apply("second", "theirs", False)
        self.assertIn('conflict with \\"first\\"', conflict.exception.body.decode())
        self.assertEqual("theirs", apply("second", "theirs", True).data.key)

    def test_create_from_yaml(self):
        utils.create_from_dict(client.ApiClient(), {"apiVersion": "v1", "kind": "List", "items": [
            {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}, "stringData": {"a": "b"}},
            {"apiVersion": "batch/v1", "kind": "CronJob", "metadata": {"name": "c"}, "spec": {
                "schedule": "0 0 1 1 *", "jobTemplate": {"spec": {"template": {"spec": {
                    "restartPolicy": "Never", "containers": [{"name": "c", "image": "busybox"}]}}}}}},
        ]}, namespace=self.namespace)
        self.assertEqual({"a": "Yg=="}, core.read_namespaced_secret("s", self.namespace).data)
        self.assertEqual("Allow", client.BatchV1Api().read_namespaced_cron_job("c", self.namespace)
                         .spec.concurrency_policy)

    def test_watch(self):
        start = core.create_namespaced_config_map(self.namespace, config_map("before")).metadata.resource_version
        created = core.create_namespaced_config_map(self.namespace, config_map("m", a="1"))
        created.data = {"a": "2"}
        core.replace_namespaced_config_map("m", self.namespace, created)
        core.delete_namespaced_config_map("m", self.namespace)
        watcher = watch.Watch()
        seen = []
        for event in watcher.stream(core.list_namespaced_config_map, self.namespace, label_selector="app=test",
                                    resource_version=start, timeout_seconds=60):
            seen.append((event["type"], event["object"].data["a"]))
            if len(seen) == 3:
                watcher.stop()
        self.assertEqual([("ADDED", "1"), ("MODIFIED", "2"), ("DELETED", "2")], seen)
        for _ in watch.Watch().stream(core.list_namespaced_secret, self.namespace, timeout_seconds=1):
            self.fail("there are no secrets")

    def test_custom_objects(self):
        group = self.namespace + ".example.com"
        client.ApiextensionsV1Api().create_custom_resource_definition({
            "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
            "metadata": {"name": "boats." + group},
            "spec": {"group": group, "scope": "Namespaced", "names": {"plural": "boats", "kind": "Boat"}, "versions": [{
                "name": "v1", "served": True, "storage": True, "subresources": {"status": {}},
                "schema": {"openAPIV3Schema": {"type": "object", "properties": {
                    "spec": {"type": "object", "required": ["planks"], "properties": {
                        "planks": {"type": "integer", "minimum": 1}, "sail": {"type": "string", "default": "none"}}},
                    "status": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}}}}]}})
        for event in watch.Watch().stream(client.ApiextensionsV1Api().list_custom_resource_definition,
                                          field_selector="metadata.name=boats." + group, timeout_seconds=60):
            if any(c.type == "Established" and c.status == "True" for c in event["object"].status.conditions or []):
                break
        custom = client.CustomObjectsApi()
        boat = {"apiVersion": group + "/v1", "kind": "Boat", "metadata": {"name": "b"}, "spec": {"planks": 3}}
        created = custom.create_namespaced_custom_object(group, "v1", self.namespace, "boats", boat)
        self.assertEqual({"planks": 3, "sail": "none"}, created["spec"])
        custom.patch_namespaced_custom_object_status(group, "v1", self.namespace, "boats", "b",
                                                     {"status": {"afloat": True}})
        self.assertEqual({"afloat": True}, custom.get_namespaced_custom_object(
            group, "v1", self.namespace, "boats", "b")["status"])
        boat["metadata"]["name"], boat["spec"]["planks"] = "c", 0
        with self.refused(422, "Invalid"):
            custom.create_namespaced_custom_object(group, "v1", self.namespace, "boats", boat)
        self.assertEqual(1, len(custom.list_cluster_custom_object(group, "v1", "boats")["items"]))

    def test_logs_and_exec(self):
        self.run_pod("box", "busybox", "sh", "-c", "echo hello; sleep 600")
        log = watch.Watch()
        for line in log.stream(core.read_namespaced_pod_log, "box", self.namespace):
            self.assertEqual("hello", line)
            log.stop()
        self.assertEqual("hello\n", core.read_namespaced_pod_log("box", self.namespace, tail_lines=1))
        out = stream(core.connect_get_namespaced_pod_exec, "box", self.namespace,
                     command=["sh", "-c", "echo out; echo err >&2"],
                     stdin=False, stdout=True, stderr=True, tty=False)
        self.assertEqual(["err", "out"], sorted(out.split()))
        shell = stream(core.connect_get_namespaced_pod_exec, "box", self.namespace, command=["sh"],
                       stdin=True, stdout=True, stderr=True, tty=False, _preload_content=False)
        shell.write_stdin("echo $((40+2))\nexit 5\n")
        self.assertEqual("42", shell.readline_stdout(timeout=60))
        shell.run_forever(timeout=60)
        self.assertEqual(5, shell.returncode)

    def test_attach(self):
        self.run_pod("box", "busybox", "sh", "-c", "while :; do echo tick; sleep 0.1; done")
        attached = stream(core.connect_get_namespaced_pod_attach, "box", self.namespace, container="c",
                          stdin=False, stdout=True, stderr=True, tty=False, _preload_content=False)
        self.assertEqual("tick", attached.readline_stdout(timeout=60))
        attached.close()

    def test_port_forward(self):
        self.run_pod("web", "python", "sh", "-c", "exec python3 -u -m http.server 8080 --bind $POD_IP")
        for event in watch.Watch().stream(core.read_namespaced_pod_log, "web", self.namespace):
            if "Serving HTTP" in event:
                break
        forward = portforward(core.connect_get_namespaced_pod_portforward, "web", self.namespace, ports="8080")
        connection = forward.socket(8080)
        connection.setblocking(True)
        connection.sendall(b"GET / HTTP/1.0\r\n\r\n")
        answer = b""
        while b"</html>" not in answer:
            part = connection.recv(4096)
            self.assertTrue(part, answer)
            answer += part
        connection.close()
        self.assertTrue(answer.startswith(b"HTTP/1.0 200 OK"), answer)
        self.assertIsNone(forward.error(8080))

    def test_leader_election(self):
        leaders = []
        first_leads, second_leads = threading.Event(), threading.Event()

        def run(name, started, lead):
            def leading():
                leaders.append(name)
                started.set()
            election = leaderelection.LeaderElection(electionconfig.Config(
                ConfigMapLock("lock", self.namespace, name), lease_duration=3, renew_deadline=2, retry_period=1,
                onstarted_leading=leading, onstopped_leading=lambda: None))
            thread = threading.Thread(target=election.run, daemon=True)
            thread.start()
            return election
        first = run("first", first_leads, None)
        self.assertTrue(first_leads.wait(30))
        run("second", second_leads, None)
        # The first forgets how to renew, as a process that hangs does.
        first.update_lock = lambda record: False
        self.assertTrue(second_leads.wait(30))
        self.assertEqual(["first", "second"], leaders)
        record = core.read_namespaced_config_map("lock", self.namespace).metadata.annotations
        self.assertIn('"second"', record["control-plane.alpha.kubernetes.io/leader"])


if __name__ == "__main__":
    unittest.main()
