@echo off
rem The parley command for Windows: finds a JDK 25 in JAVA_HOME or PATH and runs Parley on it. Not tested on Windows yet.
setlocal
set "HERE=%~dp0"
if not defined JAVA_HOME goto path
set "JAVA=%JAVA_HOME%\bin\java"
call :fits
if not errorlevel 1 goto run
:path
set "JAVA=java"
call :fits
if not errorlevel 1 goto run
echo parley: no JDK 25 found; looked at JAVA_HOME and PATH. Install one, such as Temurin 25, or set JAVA_HOME. 1>&2
exit /b 2
:run
rem The class path is for the programs of 'parley run', whose compiler looks there.
"%JAVA%" -XX:+UseSerialGC -Dstdout.encoding=UTF-8 -Dstderr.encoding=UTF-8 ^
    -Dparley.unicode=false "-Dparley.home=%HERE%." %PARLEY_JAVA_OPTS% ^
    -cp "%HERE%lib\modules\*" --add-modules ALL-DEFAULT ^
    -p "%HERE%lib\modules" --enable-native-access=dev.parley.uring -m dev.parley.cli/dev.parley.cli.Parley %*
exit /b %ERRORLEVEL%
:fits
"%JAVA%" --list-modules 2>nul | findstr /r /c:"^java\.base@2[5-9]" /c:"^java\.base@[3-9][0-9]" >nul
exit /b %ERRORLEVEL%
