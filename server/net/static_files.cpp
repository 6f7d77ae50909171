#include "server/net/static_files.hpp"

#include <openssl/evp.h>
#include <zlib.h>

#include <array>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace parley {
namespace {

namespace fs = std::filesystem;

constexpr std::pair<std::string_view, std::string_view> content_types[] = {
    {".html", "text/html; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".wasm", "application/wasm"},
    {".json", "application/json"},
    {".webmanifest", "application/manifest+json"},
    {".svg", "image/svg+xml"},
    {".png", "image/png"},
    {".ico", "image/x-icon"},
    {".woff2", "font/woff2"},
    {".txt", "text/plain; charset=utf-8"},
};

std::string content_type_of(const fs::path& file) {
    for (const auto& [extension, type] : content_types) {
        if (file.extension() == extension) return std::string{type};
    }
    return "application/octet-stream";
}

std::string read_whole(const fs::path& file) {
    std::ifstream in{file, std::ios::binary};
    std::string text{std::istreambuf_iterator<char>{in}, {}};
    if (!in) throw std::runtime_error("can't read " + file.string());
    return text;
}

std::string gzip(const std::string& plain) {
    constexpr int gzip_window = 15 + 16;
    z_stream stream{};
    if (deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, gzip_window, 9, Z_DEFAULT_STRATEGY) != Z_OK)
        return {};
    std::string packed(deflateBound(&stream, static_cast<uLong>(plain.size())), '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(plain.data()));  // zlib does not write to it
    stream.avail_in = static_cast<uInt>(plain.size());
    stream.next_out = reinterpret_cast<Bytef*>(packed.data());
    stream.avail_out = static_cast<uInt>(packed.size());
    const bool whole = deflate(&stream, Z_FINISH) == Z_STREAM_END;
    packed.resize(whole ? stream.total_out : 0);
    deflateEnd(&stream);
    return packed;
}

std::string tag_of(const std::string& plain) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int size = 0;
    EVP_Digest(plain.data(), plain.size(), digest.data(), &size, EVP_sha256(), nullptr);
    constexpr char hex[] = "0123456789abcdef";
    std::string tag = "\"";
    for (std::size_t i = 0; i < 16; ++i)
        tag.append({hex[digest[i] >> 4], hex[digest[i] & 15]});
    return tag + '"';
}

bool takes_gzip(const http_request& request) {
    const auto* takes = request.header("Accept-Encoding");
    return takes && takes->find("gzip") != takes->npos && takes->find("gzip;q=0") == takes->npos;
}

}  // namespace

static_files::static_files(const fs::path& folder) {
    if (!fs::is_directory(folder)) return;
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
        if (!entry.is_regular_file() || entry.path().extension() == ".gz") continue;
        const auto name = entry.path().lexically_relative(folder).generic_string();
        file read;
        read.content_type = content_type_of(entry.path());
        read.plain = read_whole(entry.path());
        const auto packed = fs::path{entry.path()}.concat(".gz");
        if (fs::is_regular_file(packed)) read.gzipped = read_whole(packed);
        read.immutable = name.starts_with("assets/");
        if (name == "index.html") keep("/", read);
        keep('/' + name, std::move(read));
    }
}

void static_files::put(const std::string& path, std::string content_type, std::string text) {
    file given;
    given.content_type = std::move(content_type);
    given.plain = std::move(text);
    keep(path, std::move(given));
}

void static_files::keep(const std::string& path, file given) {
    if (given.gzipped.empty()) given.gzipped = gzip(given.plain);
    if (given.gzipped.size() >= given.plain.size()) given.gzipped.clear();
    given.tag = tag_of(given.plain);
    files_.insert_or_assign(path, std::move(given));
}

http_response static_files::answer(const http_request& request) const {
    const auto& found = files_.at(request.path);
    http_response response;
    response.headers = {
        {"Cache-Control", found.immutable ? "public, max-age=31536000, immutable" : "no-cache"},
        {"ETag", found.tag},
        {"Vary", "Accept-Encoding"},
    };
    const auto* known = request.header("If-None-Match");
    if (known && known->find(found.tag) != known->npos) {
        response.status = 304;
        response.content_type.clear();
        return response;
    }
    response.content_type = found.content_type;
    const bool packed = !found.gzipped.empty() && takes_gzip(request);
    if (packed) response.headers.emplace_back("Content-Encoding", "gzip");
    response.body = packed ? found.gzipped : found.plain;
    return response;
}

}  // namespace parley
