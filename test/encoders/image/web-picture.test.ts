/** Pictures by address, against a server on this machine: its loopback address must be allowed by name like any private one. */
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { addressGuard } from "../../../src/encoders/image/address-guard.ts";
import { readPicture } from "../../../src/encoders/image/picture-source.ts";
import { fetchPicture } from "../../../src/encoders/image/web-picture.ts";
import { encodeCatalog } from "../../../src/features/encode-catalog.ts";
import { catalogOf, cornerPicture } from "../encoding-fixtures.ts";

const limits = { maximumBytes: 10_000, timeoutSeconds: 5, allowedRanges: ["127.0.0.0/8"] };
const strict = { ...limits, allowedRanges: [] };

let server: Server | undefined;

async function serve(listener: RequestListener): Promise<number> {
  server = createServer(listener);
  await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
  server = undefined;
});

const redirectTo =
  (location: string): RequestListener =>
  (_, response) =>
    response.writeHead(302, { location }).end();

describe("addressGuard", () => {
  it("allows public unicast addresses and nothing that is kept for special use", () => {
    const guard = addressGuard([]);
    expect(["93.184.216.34", "2606:2800:220:1::1"].map(guard)).toEqual([true, true]);
    const special = [
      ..."127.0.0.1 10.1.2.3 172.16.0.1 192.168.1.1 169.254.169.254 100.64.0.1 0.0.0.0 224.0.0.1 255.255.255.255".split(
        " ",
      ),
      ..."::1 :: fe80::1 fc00::1 ff02::1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::7f00:1 64:ff9b::7f00:1 2002:7f00:1::".split(
        " ",
      ),
      ..."not-an-address fe80::1%eth0".split(" "),
    ];
    expect(special.filter(guard)).toEqual([]);
  });

  it("allows the ranges it is given, of their own kind only", () => {
    const guard = addressGuard(["10.0.0.0/8", "fc00::/7"]);
    expect(["10.9.9.9", "::ffff:10.9.9.9", "fd12::1", "192.168.0.1", "::1"].map(guard)).toEqual([
      true,
      true,
      true,
      false,
      false,
    ]);
  });
});

describe("fetchPicture", () => {
  it("gives the bytes, also at the end of redirects", async () => {
    const bytes = await cornerPicture(20, 20).png().toBuffer();
    const port = await serve((request, response) => {
      if (request.url === "/moved") response.writeHead(301, { location: "/picture.png" }).end();
      else response.end(bytes);
    });
    const fetched = await fetchPicture(`http://127.0.0.1:${port}/moved`, limits);
    expect(Buffer.from(fetched).equals(bytes)).toBe(true);
  });

  it("never connects to a private address, written as number, name or in disguise", async () => {
    let requests = 0;
    const port = await serve((_, response) => {
      requests++;
      response.end("x");
    });
    for (const host of ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]", "[::1]"]) {
      await expect(fetchPicture(`http://${host}:${port}/`, strict), host).rejects.toMatchObject({
        code: "FORBIDDEN_INPUT",
        message: expect.stringContaining("is not a public address"),
      });
    }
    expect(requests).toBe(0);
  });

  it("judges every redirect anew: not to another private address, not to another protocol", async () => {
    const metadata = await serve(redirectTo("http://169.254.169.254/latest/meta-data"));
    await expect(fetchPicture(`http://127.0.0.1:${metadata}/`, limits)).rejects.toMatchObject({
      code: "FORBIDDEN_INPUT",
      message: expect.stringContaining("169.254.169.254"),
    });
    server?.close();
    const file = await serve(redirectTo("file:///etc/passwd"));
    await expect(fetchPicture(`http://127.0.0.1:${file}/`, limits)).rejects.toMatchObject({ code: "FORBIDDEN_INPUT" });
  });

  it("stops after five redirects", async () => {
    const port = await serve(redirectTo("/again"));
    await expect(fetchPicture(`http://127.0.0.1:${port}/`, limits)).rejects.toMatchObject({
      code: "FILE_NOT_FOUND",
      message: expect.stringContaining("more than 5 redirects"),
    });
  });

  it("reads no more than the limit, whether the server says its length or not", async () => {
    let sent = 0;
    const port = await serve((request, response) => {
      if (request.url === "/said") response.writeHead(200, { "content-length": 1_000_000 });
      const pump = (): void => {
        while (sent < 50_000_000 && response.write(Buffer.alloc(5000))) sent += 5000;
      };
      response.on("drain", pump);
      pump();
    });
    for (const path of ["/said", "/endless"]) {
      await expect(fetchPicture(`http://127.0.0.1:${port}${path}`, limits)).rejects.toMatchObject({
        code: "UNREADABLE_INPUT",
        message: expect.stringContaining("more than 10000 bytes"),
      });
    }
    expect(sent).toBeLessThan(50_000_000);
  });

  it("gives up in time on a server that dawdles, and says what a server refused", async () => {
    const port = await serve((request, response) => {
      if (request.url === "/gone") response.writeHead(404).end();
      else response.write("a");
    });
    const hasty = { ...limits, timeoutSeconds: 0.2 };
    await expect(fetchPicture(`http://127.0.0.1:${port}/slow`, hasty)).rejects.toMatchObject({
      code: "FILE_NOT_FOUND",
      message: "could not be fetched: no whole answer within 0.2 s",
    });
    await expect(fetchPicture(`http://127.0.0.1:${port}/gone`, limits)).rejects.toThrow("the server answered 404");
  });
});

describe("addresses in a catalog", () => {
  it("are left out unless the pipeline allows them, and fetched when it does", async () => {
    const bytes = await cornerPicture(30, 30).png().toBuffer();
    const port = await serve((_, response) => response.end(bytes));
    const address = `http://127.0.0.1:${port}/a.png`;
    await expect(readPicture(address, { root: "/", urls: null })).rejects.toMatchObject({ code: "FORBIDDEN_INPUT" });
    const catalog = { ...catalogOf({ titles: ["a"], images: [address] }), imageRoot: import.meta.dirname };
    const features = (urls: object | null) => ({ image: { urls }, lexical: null, attributes: null });
    const closed = await encodeCatalog(catalog, features(null));
    expect(closed.quarantine).toMatchObject([{ row: 0, code: "FORBIDDEN_INPUT" }]);
    const open = await encodeCatalog(catalog, features({ allowedRanges: ["127.0.0.0/8"] }));
    expect([open.quarantine, Array.from(open.image?.presence ?? [])]).toEqual([[], [1]]);
  });
});
