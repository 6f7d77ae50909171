#include "server/store/libpq.hpp"

#include "shared/base/assert.hpp"

#include <dlfcn.h>
#include <libpq-fe.h>
#include <stdexcept>
#include <string>

namespace parley::postgres {

namespace {

constexpr const char* library = "libpq.so.5";

struct loaded {
    void* handle = ::dlopen(library, RTLD_NOW | RTLD_LOCAL);
    std::string complaint = handle ? "" : ::dlerror();
};

const loaded& the_library() {
    static const loaded once;
    return once;
}

void* symbol(const char* name) {
    void* const found = ::dlsym(the_library().handle, name);
    PARLEY_ASSERT(found != nullptr);
    return found;
}

}  // namespace

void load_libpq() {
    if (the_library().handle) return;
    throw std::runtime_error{"PostgreSQL needs its client library (" + the_library().complaint +
                             "): install it (Debian: libpq5), then start again"};
}

}  // namespace parley::postgres

// What libpqxx calls. The linker names what is missing here.
#define PARLEY_FORWARD(returned, name, parameters, arguments)                                 \
    extern "C" returned name parameters {                                                     \
        using function = returned(*) parameters;                                              \
        static const auto real = reinterpret_cast<function>(parley::postgres::symbol(#name)); \
        return real arguments;                                                                \
    }

PARLEY_FORWARD(int, PQbackendPID, (const PGconn* conn), (conn))
PARLEY_FORWARD(int, PQcancel, (PGcancel * cancel, char* errbuf, int errbufsize), (cancel, errbuf, errbufsize))
PARLEY_FORWARD(void, PQclear, (PGresult * res), (res))
PARLEY_FORWARD(int, PQclientEncoding, (const PGconn* conn), (conn))
PARLEY_FORWARD(char*, PQcmdStatus, (PGresult * res), (res))
PARLEY_FORWARD(char*, PQcmdTuples, (PGresult * res), (res))
PARLEY_FORWARD(PostgresPollingStatusType, PQconnectPoll, (PGconn * conn), (conn))
PARLEY_FORWARD(PGconn*, PQconnectStart, (const char* conninfo), (conninfo))
PARLEY_FORWARD(PGconn*, PQconnectdb, (const char* conninfo), (conninfo))
PARLEY_FORWARD(int, PQconsumeInput, (PGconn * conn), (conn))
PARLEY_FORWARD(char*, PQdb, (const PGconn* conn), (conn))
PARLEY_FORWARD(char*, PQencryptPassword, (const char* passwd, const char* user), (passwd, user))
PARLEY_FORWARD(int, PQendcopy, (PGconn * conn), (conn))
PARLEY_FORWARD(char*, PQerrorMessage, (const PGconn* conn), (conn))
PARLEY_FORWARD(unsigned char*, PQescapeByteaConn,
               (PGconn * conn, const unsigned char* from, size_t from_length, size_t* to_length),
               (conn, from, from_length, to_length))
PARLEY_FORWARD(char*, PQescapeIdentifier, (PGconn * conn, const char* str, size_t len), (conn, str, len))
PARLEY_FORWARD(size_t, PQescapeStringConn,
               (PGconn * conn, char* to, const char* from, size_t length, int* error),
               (conn, to, from, length, error))
PARLEY_FORWARD(PGresult*, PQexec, (PGconn * conn, const char* query), (conn, query))
PARLEY_FORWARD(PGresult*, PQexecParams,
               (PGconn * conn, const char* command, int nParams, const Oid* paramTypes,
                const char* const* paramValues, const int* paramLengths, const int* paramFormats,
                int resultFormat),
               (conn, command, nParams, paramTypes, paramValues, paramLengths, paramFormats, resultFormat))
PARLEY_FORWARD(PGresult*, PQexecPrepared,
               (PGconn * conn, const char* stmtName, int nParams, const char* const* paramValues,
                const int* paramLengths, const int* paramFormats, int resultFormat),
               (conn, stmtName, nParams, paramValues, paramLengths, paramFormats, resultFormat))
PARLEY_FORWARD(void, PQfinish, (PGconn * conn), (conn))
PARLEY_FORWARD(char*, PQfname, (const PGresult* res, int field_num), (res, field_num))
PARLEY_FORWARD(int, PQfnumber, (const PGresult* res, const char* field_name), (res, field_name))
PARLEY_FORWARD(void, PQfreeCancel, (PGcancel * cancel), (cancel))
PARLEY_FORWARD(void, PQfreemem, (void* ptr), (ptr))
PARLEY_FORWARD(Oid, PQftable, (const PGresult* res, int field_num), (res, field_num))
PARLEY_FORWARD(int, PQftablecol, (const PGresult* res, int field_num), (res, field_num))
PARLEY_FORWARD(Oid, PQftype, (const PGresult* res, int field_num), (res, field_num))
PARLEY_FORWARD(PGcancel*, PQgetCancel, (PGconn * conn), (conn))
PARLEY_FORWARD(int, PQgetCopyData, (PGconn * conn, char** buffer, int async), (conn, buffer, async))
PARLEY_FORWARD(PGresult*, PQgetResult, (PGconn * conn), (conn))
PARLEY_FORWARD(int, PQgetisnull, (const PGresult* res, int tup_num, int field_num), (res, tup_num, field_num))
PARLEY_FORWARD(int, PQgetlength, (const PGresult* res, int tup_num, int field_num), (res, tup_num, field_num))
PARLEY_FORWARD(char*, PQgetvalue, (const PGresult* res, int tup_num, int field_num),
               (res, tup_num, field_num))
PARLEY_FORWARD(char*, PQhost, (const PGconn* conn), (conn))
PARLEY_FORWARD(int, PQisBusy, (PGconn * conn), (conn))
PARLEY_FORWARD(int, PQisthreadsafe, (), ())
PARLEY_FORWARD(int, PQnfields, (const PGresult* res), (res))
PARLEY_FORWARD(PGnotify*, PQnotifies, (PGconn * conn), (conn))
PARLEY_FORWARD(int, PQntuples, (const PGresult* res), (res))
PARLEY_FORWARD(Oid, PQoidValue, (const PGresult* res), (res))
PARLEY_FORWARD(char*, PQport, (const PGconn* conn), (conn))
PARLEY_FORWARD(PGresult*, PQprepare,
               (PGconn * conn, const char* stmtName, const char* query, int nParams, const Oid* paramTypes),
               (conn, stmtName, query, nParams, paramTypes))
PARLEY_FORWARD(int, PQprotocolVersion, (const PGconn* conn), (conn))
PARLEY_FORWARD(int, PQputCopyData, (PGconn * conn, const char* buffer, int nbytes), (conn, buffer, nbytes))
PARLEY_FORWARD(int, PQputCopyEnd, (PGconn * conn, const char* errormsg), (conn, errormsg))
PARLEY_FORWARD(void, PQreset, (PGconn * conn), (conn))
PARLEY_FORWARD(char*, PQresultErrorField, (const PGresult* res, int fieldcode), (res, fieldcode))
PARLEY_FORWARD(char*, PQresultErrorMessage, (const PGresult* res), (res))
PARLEY_FORWARD(ExecStatusType, PQresultStatus, (const PGresult* res), (res))
PARLEY_FORWARD(int, PQsendQuery, (PGconn * conn, const char* query), (conn, query))
PARLEY_FORWARD(int, PQserverVersion, (const PGconn* conn), (conn))
PARLEY_FORWARD(int, PQsetClientEncoding, (PGconn * conn, const char* encoding), (conn, encoding))
PARLEY_FORWARD(PGVerbosity, PQsetErrorVerbosity, (PGconn * conn, PGVerbosity verbosity), (conn, verbosity))
PARLEY_FORWARD(PQnoticeProcessor, PQsetNoticeProcessor, (PGconn * conn, PQnoticeProcessor proc, void* arg),
               (conn, proc, arg))
PARLEY_FORWARD(int, PQsocket, (const PGconn* conn), (conn))
PARLEY_FORWARD(ConnStatusType, PQstatus, (const PGconn* conn), (conn))
PARLEY_FORWARD(void, PQtrace, (PGconn * conn, FILE* debug_port), (conn, debug_port))
PARLEY_FORWARD(unsigned char*, PQunescapeBytea, (const unsigned char* strtext, size_t* retbuflen),
               (strtext, retbuflen))
PARLEY_FORWARD(void, PQuntrace, (PGconn * conn), (conn))
PARLEY_FORWARD(char*, PQuser, (const PGconn* conn), (conn))
PARLEY_FORWARD(const char*, pg_encoding_to_char, (int encoding), (encoding))

#undef PARLEY_FORWARD
