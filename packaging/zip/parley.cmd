@echo off
rem The parley command for Windows: finds a JDK 25 in JAVA_HOME or PATH and runs Parley on it. Not tested on Windows yet.
setlocal
set "HERE=%~dp0"
set "JAVA=java"
if defined JAVA_HOME set "JAVA=%JAVA_HOME%\bin\java"
"%JAVA%" --list-modules 2>nul | findstr /r /c:"^java\.base@2[5-9]" /c:"^java\.base@[3-9][0-9]" >nul
if errorlevel 1 (
    echo parley: no JDK 25 found; looked at JAVA_HOME and PATH. Install one, such as Temurin 25, or set JAVA_HOME. 1>&2
    exit /b 2
)
"%JAVA%" -XX:+UseSerialGC -Dstdout.encoding=UTF-8 -Dstderr.encoding=UTF-8 -Dparley.terminal=true ^
    -Dparley.unicode=false "-Dparley.home=%HERE%." %PARLEY_JAVA_OPTS% ^
    -p "%HERE%lib\modules" --enable-native-access=dev.parley.uring -m dev.parley.cli/dev.parley.cli.Parley %*
exit /b %ERRORLEVEL%
