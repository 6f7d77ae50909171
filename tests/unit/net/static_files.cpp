#include "server/net/static_files.hpp"

#include "server/net/response_head.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/server_process.hpp"

#include <fstream>

namespace parley {
namespace {

struct shell {
    testing::temporary_folder folder;

    void write(const std::string& name, const std::string& text) const {
        const auto path = folder.path() / name;
        std::filesystem::create_directories(path.parent_path());
        std::ofstream{path, std::ios::binary} << text;
    }

    [[nodiscard]] static_files read() const { return static_files{folder.path()}; }
};

http_request get(std::string path, http_headers headers = {}) {
    http_request request;
    request.method = "GET";
    request.path = std::move(path);
    request.headers = std::move(headers);
    return request;
}

std::string header(const http_response& response, std::string_view name) {
    for (const auto& [known, value] : response.headers) {
        if (same_header(known, name)) return value;
    }
    return {};
}

const std::string long_text(4000, 'a');

}  // namespace

TEST_CASE("the index stands at the root and is asked for again each time") {
    const shell shell;
    shell.write("index.html", "<p>hello");
    const auto files = shell.read();
    const auto response = files.answer(get("/"));
    CHECK(response.body == "<p>hello");
    CHECK(response.content_type == "text/html; charset=utf-8");
    CHECK(header(response, "Cache-Control") == "no-cache");

    const auto again = files.answer(get("/", {{"If-None-Match", header(response, "ETag")}}));
    CHECK(again.status == 304);
    CHECK(again.body.empty());
}

TEST_CASE("files with a hash in their name never change") {
    const shell shell;
    shell.write("assets/index-B1c2D3.js", "1");
    CHECK(header(shell.read().answer(get("/assets/index-B1c2D3.js")), "Cache-Control") ==
          "public, max-age=31536000, immutable");
}

TEST_CASE("who takes gzip gets it where it is smaller") {
    const shell shell;
    shell.write("a.js", long_text);
    shell.write("b.js", "1");
    const auto files = shell.read();
    const auto packed = files.answer(get("/a.js", {{"Accept-Encoding", "br, gzip"}}));
    CHECK(header(packed, "Content-Encoding") == "gzip");
    CHECK(packed.body.size() < 200);
    CHECK(packed.body.starts_with("\x1f\x8b"));
    CHECK(files.answer(get("/a.js")).body == long_text);
    CHECK(header(files.answer(get("/b.js", {{"Accept-Encoding", "gzip"}})), "Content-Encoding").empty());
}

TEST_CASE("what was packed when it was built is served as it is") {
    const shell shell;
    shell.write("a.js", long_text);
    shell.write("a.js.gz", "packed");
    const auto files = shell.read();
    CHECK(files.answer(get("/a.js", {{"Accept-Encoding", "gzip"}})).body == "packed");
    CHECK_FALSE(files.holds("/a.js.gz"));
}

TEST_CASE("a file may be given beside those of the folder, and is asked for again each time") {
    const shell shell;
    auto files = shell.read();
    CHECK(files.empty());
    files.put("/config.json", "application/json", "{}");
    const auto response = files.answer(get("/config.json"));
    CHECK(response.body == "{}");
    CHECK(response.content_type == "application/json");
    CHECK(header(response, "Cache-Control") == "no-cache");
    CHECK(files.answer(get("/config.json", {{"If-None-Match", header(response, "ETag")}})).status == 304);
}

TEST_CASE("nothing outside of the folder is a file of it") {
    const shell shell;
    shell.write("index.html", "");
    const auto files = shell.read();
    CHECK_FALSE(files.holds("/../etc/passwd"));
    CHECK_FALSE(files.holds("/%2e%2e/etc/passwd"));
    CHECK_FALSE(files.holds(""));
}

TEST_CASE("every response says what a browser may do with it") {
    const auto head = response_head({}, security_headers(), true, 0);
    CHECK(head.starts_with("HTTP/1.1 200 OK\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\n"));
    CHECK(head.find("\r\nX-Content-Type-Options: nosniff\r\n") != head.npos);
    CHECK(head.find("\r\nReferrer-Policy: no-referrer\r\n") != head.npos);
    CHECK(
        head.find("\r\nContent-Security-Policy: default-src 'none'; script-src 'self' 'wasm-unsafe-eval';") !=
        head.npos);
    CHECK(head.find("\r\nContent-Length: 0\r\n") != head.npos);
    CHECK(head.find("Connection: close") == head.npos);
    CHECK(head.ends_with("\r\n\r\n"));
}

TEST_CASE("an answer without content tells no length") {
    http_response nothing;
    nothing.status = 204;
    nothing.content_type.clear();
    const auto head = response_head(nothing, {}, false, 0);
    CHECK(head.find("Content-Length") == head.npos);
    CHECK(head.find("\r\nConnection: close\r\n") != head.npos);
}

}  // namespace parley
